-- SPDX-License-Identifier: GPL-2.0-or-later
-- The indexes of the work list end with the entity: equal keys share one entry, and the pairs of
-- an entity, which are few, are sorted when they are shown. With the names of statement and
-- constraint in them, four fifths of the table's size were indexes.

DROP INDEX constraint_runner.violation_by_property;
DROP INDEX constraint_runner.violation_by_type;
DROP INDEX constraint_runner.violation_bad_parameters;
DROP INDEX constraint_runner.violation_violation;
DROP INDEX constraint_runner.violation_warning;
DROP INDEX constraint_runner.violation_suggestion;

CREATE INDEX violation_by_property ON constraint_runner.violation (wiki, property, entity);
CREATE INDEX violation_by_type ON constraint_runner.violation (wiki, type, entity);

-- By status, why it is a predicate: see 0010. Of one property too: what is rare there may be
-- frequent elsewhere.
CREATE INDEX violation_bad_parameters ON constraint_runner.violation
    (wiki, entity) WHERE status = 'bad-parameters';
CREATE INDEX violation_violation ON constraint_runner.violation
    (wiki, entity) WHERE status = 'violation';
CREATE INDEX violation_warning ON constraint_runner.violation
    (wiki, entity) WHERE status = 'warning';
CREATE INDEX violation_suggestion ON constraint_runner.violation
    (wiki, entity) WHERE status = 'suggestion';
CREATE INDEX violation_bad_parameters_by_property ON constraint_runner.violation
    (wiki, property, entity) WHERE status = 'bad-parameters';
CREATE INDEX violation_violation_by_property ON constraint_runner.violation
    (wiki, property, entity) WHERE status = 'violation';
CREATE INDEX violation_warning_by_property ON constraint_runner.violation
    (wiki, property, entity) WHERE status = 'warning';
CREATE INDEX violation_suggestion_by_property ON constraint_runner.violation
    (wiki, property, entity) WHERE status = 'suggestion';
