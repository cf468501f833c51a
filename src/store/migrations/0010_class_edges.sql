-- SPDX-License-Identifier: GPL-2.0-or-later
-- Who is a subclass of whom, to be followed both ways: the class filter of the work list takes the
-- instances of all classes below one. Other than class_node, which holds what checks asked for, it
-- has every entity that says of itself that it is a subclass of something.

CREATE TABLE constraint_runner.class_edge (
    wiki text COLLATE "C" NOT NULL,
    class text COLLATE "C" NOT NULL,
    superclass text COLLATE "C" NOT NULL,
    PRIMARY KEY (wiki, class, superclass)
);
COMMENT ON TABLE constraint_runner.class_edge IS
    'A best-ranked "subclass of" of an entity, or the target of one that became a redirect';

-- What is known so far. Items alone: no other entity can be asked for.
INSERT INTO constraint_runner.class_edge (wiki, class, superclass)
SELECT DISTINCT wiki, 'Q' || class, 'Q' || superclass
FROM (
    SELECT n.wiki, n.class,
           ('x' || encode(substring(n.superclasses FROM i FOR 8), 'hex'))::bit(64)::bigint AS superclass
    FROM constraint_runner.class_node n,
         generate_series(1, length(n.superclasses) - 7, 8) AS i
) AS e
WHERE class BETWEEN 1 AND 4294967295 AND superclass BETWEEN 1 AND 4294967295;

CREATE INDEX class_edge_below ON constraint_runner.class_edge (wiki, superclass, class);

-- A status in an index of the wiki's role does not narrow anything: its rows are checked for the
-- wiki first (sql/roles.sql), and no comparison of an enum may see others. The predicate of a
-- partial index compares nothing.
DROP INDEX constraint_runner.violation_by_status;
CREATE INDEX violation_bad_parameters ON constraint_runner.violation
    (wiki, entity, statement, constraint_id) WHERE status = 'bad-parameters';
CREATE INDEX violation_violation ON constraint_runner.violation
    (wiki, entity, statement, constraint_id) WHERE status = 'violation';
CREATE INDEX violation_warning ON constraint_runner.violation
    (wiki, entity, statement, constraint_id) WHERE status = 'warning';
CREATE INDEX violation_suggestion ON constraint_runner.violation
    (wiki, entity, statement, constraint_id) WHERE status = 'suggestion';
