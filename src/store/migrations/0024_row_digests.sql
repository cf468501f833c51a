-- SPDX-License-Identifier: GPL-2.0-or-later
-- Hashes of the rows that belong to a result, so that those need not be read where nothing changed. Null:
-- not known, and they are read.

ALTER TABLE constraint_runner.entity_result
    ADD COLUMN pairs_digest bigint,
    ADD COLUMN links_digest bigint;
COMMENT ON COLUMN constraint_runner.entity_result.pairs_digest IS
    'A hash of the rows of violation; null: unknown';
COMMENT ON COLUMN constraint_runner.entity_result.links_digest IS
    'A hash of the rows of dependency, violation_class, checked_class and distinct_value; null: unknown';
