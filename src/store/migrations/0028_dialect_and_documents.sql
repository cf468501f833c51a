-- SPDX-License-Identifier: GPL-2.0-or-later
-- The version of WBQC whose results are stored. Null: of an older runner; the next check writes it.
-- Documents of wikis without a source, which nobody else can be asked for: of all properties, and of
-- the entities that used a property before its document came, so that they can be checked again.

ALTER TABLE constraint_runner.entity_result ADD COLUMN wbqc text COLLATE "C";
COMMENT ON COLUMN constraint_runner.entity_result.wbqc IS
    'The version of WBQC whose results these are, as "1.44"; null: unknown';

CREATE TABLE constraint_runner.kept_document (
    wiki text COLLATE "C" NOT NULL,
    entity text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    document bytea NOT NULL,
    PRIMARY KEY (wiki, entity)
);
COMMENT ON TABLE constraint_runner.kept_document IS
    'Of wikis without a source: the documents of properties, and of entities that used a property before its document came';
COMMENT ON COLUMN constraint_runner.kept_document.wiki IS 'The wiki''s id in the configuration';
COMMENT ON COLUMN constraint_runner.kept_document.entity IS 'The entity''s id; a lexeme''s includes its forms and senses';
COMMENT ON COLUMN constraint_runner.kept_document.revision IS 'The revision that the document is of';
COMMENT ON COLUMN constraint_runner.kept_document.document IS 'The entity''s JSON, zstd';
ALTER TABLE constraint_runner.kept_document ALTER COLUMN document SET STORAGE EXTERNAL;

CREATE OR REPLACE VIEW constraint_runner.results AS
SELECT wiki, entity, revision, checked_at, incomplete IS NULL AS complete, incomplete, engine,
       n_violation AS violations, n_warning AS warnings, n_suggestion AS suggestions,
       n_bad_parameters AS bad_parameters, n_exception AS exceptions, n_compliance AS compliances,
       n_deprecated AS deprecated, n_not_in_scope AS not_in_scope, n_todo AS todo,
       duration_us, value, own, wbqc
FROM constraint_runner.entity_result WHERE tombstone = 0;
COMMENT ON COLUMN constraint_runner.results.wbqc IS
    'The version of WBQC whose results these are, such as 1.44; null: unknown';
