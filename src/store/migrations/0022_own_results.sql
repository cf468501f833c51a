-- SPDX-License-Identifier: GPL-2.0-or-later
-- What the runner finds beyond WBQC (extras), beside WBQC's results. All is null or false where no
-- extra is on, so that nothing is rewritten.

ALTER TABLE constraint_runner.entity_result ADD COLUMN own json;
COMMENT ON COLUMN constraint_runner.entity_result.own IS
    'What the runner finds beyond WBQC: a list of verdicts and fixes, each with "own": true; null: nothing';
DO $$
BEGIN
    ALTER TABLE constraint_runner.entity_result ALTER COLUMN own SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;

ALTER TABLE constraint_runner.violation
    ADD COLUMN own boolean NOT NULL DEFAULT false,
    ADD COLUMN fix text COLLATE "C",
    ADD COLUMN own_status text COLLATE "C";
COMMENT ON COLUMN constraint_runner.violation.own IS
    'The runner''s own check found it: WBQC has no result that is stored for this pair';
COMMENT ON COLUMN constraint_runner.violation.fix IS
    'What to use instead, a JSON object; null: not known';
COMMENT ON COLUMN constraint_runner.violation.own_status IS
    'What the runner''s own check says where it differs from WBQC''s status; null: nothing';
