-- SPDX-License-Identifier: GPL-2.0-or-later
-- A result may depend on the present time ("not in the future"): when that time comes, the entity is
-- checked again. Results of before are looked through once.

ALTER TABLE constraint_runner.entity_result ADD COLUMN changes_at timestamptz;
COMMENT ON COLUMN constraint_runner.entity_result.changes_at IS
    'When the result may change although nothing is edited; null: never, or its check is queued';
UPDATE constraint_runner.entity_result SET changes_at = statement_timestamp()
WHERE value IS NOT NULL AND value::text LIKE '%"futureTime":%';
CREATE INDEX entity_result_changes_at ON constraint_runner.entity_result (changes_at)
    WHERE changes_at IS NOT NULL;

COMMENT ON COLUMN constraint_runner.job.reason IS
    '0: an edit; 1: a dependency changed; 2: a class changed; 3: another entity shares a value; 4: a fill or import; 5: a retry; 6: a request for a check; 7: a time has come';
