-- SPDX-License-Identifier: GPL-2.0-or-later
-- Stored results: what WBQC caches for an entity, its violation pairs and its dependencies.
-- Ids and wikis compare as bytes (COLLATE "C"): cheaper, and the same on every server. Columns
-- of fixed width come first, so that no row carries padding.

CREATE TYPE constraint_runner.violation_status AS ENUM
    ('bad-parameters', 'violation', 'warning', 'suggestion');

-- Numbers checks in the order in which they began: of two checks of one revision the higher wins.
-- Also the tokens of leases.
CREATE SEQUENCE constraint_runner.check_number;

CREATE TABLE constraint_runner.entity_result (
    revision bigint NOT NULL,
    check_number bigint NOT NULL,
    checked_at timestamptz NOT NULL,
    duration_us bigint NOT NULL,
    n_bad_parameters integer NOT NULL,
    n_violation integer NOT NULL,
    n_warning integer NOT NULL,
    n_suggestion integer NOT NULL,
    n_exception integer NOT NULL,
    n_compliance integer NOT NULL,
    n_deprecated integer NOT NULL,
    n_not_in_scope integer NOT NULL,
    n_todo integer NOT NULL,
    tombstone smallint NOT NULL,
    wiki text COLLATE "C" NOT NULL,
    entity text COLLATE "C" NOT NULL,
    engine text COLLATE "C" NOT NULL,
    incomplete text[],
    value json,
    PRIMARY KEY (wiki, entity)
);
COMMENT ON TABLE constraint_runner.entity_result IS
    'One row per checked entity; a deleted entity keeps its row without a value, so that a late check of an older revision does not bring it back';
COMMENT ON COLUMN constraint_runner.entity_result.tombstone IS
    '0: a result; 1: deleted or a redirect at this revision; 2: missing, the revision is the last one known';
COMMENT ON COLUMN constraint_runner.entity_result.incomplete IS
    'Why some checks could not be completed; null when all were';
COMMENT ON COLUMN constraint_runner.entity_result.value IS
    'Exactly what WBQC caches; json, because WBQC compares latestRevisionIds with its order of keys';

CREATE TABLE constraint_runner.violation (
    property integer NOT NULL,
    status constraint_runner.violation_status NOT NULL,
    wiki text COLLATE "C" NOT NULL,
    entity text COLLATE "C" NOT NULL,
    statement text COLLATE "C" NOT NULL,
    constraint_id text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    message_key text COLLATE "C" NOT NULL,
    PRIMARY KEY (wiki, entity, statement, constraint_id)
);
COMMENT ON TABLE constraint_runner.violation IS
    'One row per pair of a statement and a constraint that it breaks';

CREATE TABLE constraint_runner.dependency (
    revision bigint NOT NULL,
    wiki text COLLATE "C" NOT NULL,
    entity text COLLATE "C" NOT NULL,
    depends_on text COLLATE "C" NOT NULL,
    PRIMARY KEY (wiki, entity, depends_on)
);
COMMENT ON TABLE constraint_runner.dependency IS
    'The entities that a result rests on; revision 0: unknown, missing or a redirect';

-- The reverse: whose results rest on an entity. Not unique, so that equal keys share one entry.
CREATE INDEX dependency_reverse ON constraint_runner.dependency (wiki, depends_on);

-- lz4 costs a fraction of the default's time; a server may have been built without it.
DO $$
BEGIN
    ALTER TABLE constraint_runner.entity_result ALTER COLUMN value SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;
