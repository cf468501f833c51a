-- SPDX-License-Identifier: GPL-2.0-or-later
-- What the wiki's side needs: the indexes of the work list, the classes of entities that are in it,
-- and where the native engine and WBQC disagreed.

-- Each filter of the work list is answered in its order, so that a page reads no more rows than it
-- shows. They may be there already: they were made by hand before.
CREATE INDEX IF NOT EXISTS violation_by_property ON constraint_runner.violation
    (wiki, property, entity, statement, constraint_id);
CREATE INDEX IF NOT EXISTS violation_by_type ON constraint_runner.violation
    (wiki, type, entity, statement, constraint_id);
CREATE INDEX IF NOT EXISTS violation_by_status ON constraint_runner.violation
    (wiki, status, entity, statement, constraint_id);

CREATE TABLE constraint_runner.violation_class (
    wiki text COLLATE "C" NOT NULL,
    entity text COLLATE "C" NOT NULL,
    class text COLLATE "C" NOT NULL,
    PRIMARY KEY (wiki, entity, class)
);
COMMENT ON TABLE constraint_runner.violation_class IS
    'What entities that have violation pairs are instances of';
CREATE INDEX violation_class_list ON constraint_runner.violation_class (wiki, class, entity);

CREATE TABLE constraint_runner.parity_difference (
    revision bigint NOT NULL,
    found_at timestamptz NOT NULL,
    property integer NOT NULL,
    wiki text COLLATE "C" NOT NULL,
    entity text COLLATE "C" NOT NULL,
    constraint_id text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    native json NOT NULL,
    php json NOT NULL,
    PRIMARY KEY (wiki, entity, constraint_id)
);
COMMENT ON TABLE constraint_runner.parity_difference IS
    'Results of one constraint on one entity that only the native engine, or only WBQC, gave: the latest such finding';
CREATE INDEX parity_difference_found ON constraint_runner.parity_difference (wiki, found_at);
