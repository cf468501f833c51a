-- SPDX-License-Identifier: GPL-2.0-or-later
-- Pauses outlive the runners, so that a restart in the middle of some maintenance does not end one.

CREATE TABLE constraint_runner.pause (
    wiki text COLLATE "C" PRIMARY KEY,
    since timestamptz NOT NULL DEFAULT statement_timestamp(),
    reason text NOT NULL DEFAULT ''
);
COMMENT ON TABLE constraint_runner.pause IS
    'Wikis whose jobs and imports are accepted but not begun, until constraint-runner ctl resume';
COMMENT ON COLUMN constraint_runner.pause.wiki IS 'The id of the wiki in the configuration; empty: all wikis';
COMMENT ON COLUMN constraint_runner.pause.since IS 'When the pause began';
COMMENT ON COLUMN constraint_runner.pause.reason IS 'What the operator said; empty: nothing';
