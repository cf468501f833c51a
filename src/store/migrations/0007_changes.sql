-- SPDX-License-Identifier: GPL-2.0-or-later
-- Entities that changed for those whose results rest on them, until these are queued again.

ALTER TABLE constraint_runner.entity_result
    ADD COLUMN seen bigint,
    ADD COLUMN seen_check bigint;
COMMENT ON COLUMN constraint_runner.entity_result.seen IS
    'A hash of what the checks of other entities see of this one; 0: deleted; null: not known';
COMMENT ON COLUMN constraint_runner.entity_result.seen_check IS
    'The check that found another hash than the one before it';

CREATE TABLE constraint_runner.entity_change (
    revision bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    wiki text COLLATE "C" NOT NULL,
    entity text COLLATE "C" NOT NULL,
    after text COLLATE "C" NOT NULL DEFAULT '',
    PRIMARY KEY (wiki, entity)
);
CREATE INDEX entity_change_age ON constraint_runner.entity_change (changed_at);
COMMENT ON TABLE constraint_runner.entity_change IS
    'Entities that others see differently now: until its row is gone, not all dependents are queued';
COMMENT ON COLUMN constraint_runner.entity_change.after IS
    'Dependents up to this one are queued';
