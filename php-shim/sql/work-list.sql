-- SPDX-License-Identifier: GPL-2.0-or-later
-- Indexes for Special:ConstraintViolations and list=constraintviolations: each filter is answered
-- in the order of the list, so that a page reads no more rows than it shows. Run it once, as the
-- owner of the schema, after `constraint-runner migrate`; it may be repeated. CONCURRENTLY: the
-- runner goes on meanwhile.

CREATE INDEX CONCURRENTLY IF NOT EXISTS violation_by_property ON constraint_runner.violation
    (wiki, property, entity, statement, constraint_id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS violation_by_type ON constraint_runner.violation
    (wiki, type, entity, statement, constraint_id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS violation_by_status ON constraint_runner.violation
    (wiki, status, entity, statement, constraint_id);
