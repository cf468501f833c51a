-- SPDX-License-Identifier: GPL-2.0-or-later
-- Which classes changed: notifications do not say it.

CREATE TABLE constraint_runner.changed_class (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    class bigint NOT NULL,
    revision bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
    wiki text COLLATE "C" NOT NULL
);
COMMENT ON TABLE constraint_runner.changed_class IS
    'Classes that changed in the last minutes, for the graphs that runners have in memory';
CREATE INDEX changed_class_age ON constraint_runner.changed_class (created_at);
