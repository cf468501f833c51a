-- SPDX-License-Identifier: GPL-2.0-or-later
-- Views for SQL users, and what every table and column holds. The views are the stable interface: their
-- columns stay when tables change. They show all wikis, to roles that grant_reader_role() names.

CREATE VIEW constraint_runner.results AS
SELECT wiki, entity, revision, checked_at, incomplete IS NULL AS complete, incomplete, engine,
       n_violation AS violations, n_warning AS warnings, n_suggestion AS suggestions,
       n_bad_parameters AS bad_parameters, n_exception AS exceptions, n_compliance AS compliances,
       n_deprecated AS deprecated, n_not_in_scope AS not_in_scope, n_todo AS todo,
       duration_us, value, own
FROM constraint_runner.entity_result WHERE tombstone = 0;

CREATE VIEW constraint_runner.violations AS
SELECT wiki, entity, 'P' || property AS property, property AS property_number, statement,
       constraint_id, type, status, message_key, own, fix::json AS fix
FROM constraint_runner.violation;

CREATE VIEW constraint_runner.dependencies AS
SELECT wiki, entity, depends_on, nullif(revision, 0) AS revision
FROM constraint_runner.dependency;

CREATE VIEW constraint_runner.dead_jobs AS
SELECT wiki, entity, revision, died_at, attempts, reason FROM constraint_runner.dead_job;

CREATE FUNCTION constraint_runner.grant_reader_role(role name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA constraint_runner TO %I', role);
    EXECUTE format('GRANT SELECT ON constraint_runner.results, constraint_runner.violations, '
        'constraint_runner.dependencies, constraint_runner.dead_jobs TO %I', role);
END
$$;
REVOKE ALL ON FUNCTION constraint_runner.grant_reader_role(name) FROM PUBLIC;
COMMENT ON FUNCTION constraint_runner.grant_reader_role(name) IS
    'Lets a role read the views results, violations, dependencies and dead_jobs, of all wikis';

COMMENT ON VIEW constraint_runner.results IS 'Stored results, one row per checked entity';
COMMENT ON COLUMN constraint_runner.results.wiki IS 'The id of the wiki in the configuration';
COMMENT ON COLUMN constraint_runner.results.entity IS 'The id of the checked entity, also of a form or sense';
COMMENT ON COLUMN constraint_runner.results.revision IS 'The revision that was checked';
COMMENT ON COLUMN constraint_runner.results.checked_at IS 'When the result was stored';
COMMENT ON COLUMN constraint_runner.results.complete IS 'Whether all checks could be completed';
COMMENT ON COLUMN constraint_runner.results.incomplete IS 'Why some checks could not be completed; null when all were';
COMMENT ON COLUMN constraint_runner.results.engine IS 'What checked it: native, or php for WBQC itself';
COMMENT ON COLUMN constraint_runner.results.violations IS 'Number of results with the status violation';
COMMENT ON COLUMN constraint_runner.results.warnings IS 'Number of results with the status warning';
COMMENT ON COLUMN constraint_runner.results.suggestions IS 'Number of results with the status suggestion';
COMMENT ON COLUMN constraint_runner.results.bad_parameters IS 'Number of results with the status bad-parameters';
COMMENT ON COLUMN constraint_runner.results.exceptions IS 'Number of results with the status exception';
COMMENT ON COLUMN constraint_runner.results.compliances IS 'Number of results with the status compliance';
COMMENT ON COLUMN constraint_runner.results.deprecated IS 'Number of results with the status deprecated';
COMMENT ON COLUMN constraint_runner.results.not_in_scope IS 'Number of results with the status not-in-scope';
COMMENT ON COLUMN constraint_runner.results.todo IS 'Number of results with the status todo';
COMMENT ON COLUMN constraint_runner.results.duration_us IS 'Microseconds that reading and checking took';
COMMENT ON COLUMN constraint_runner.results.value IS 'What WBQC caches for the entity, as JSON';
COMMENT ON COLUMN constraint_runner.results.own IS 'What the extras of the runner found, as JSON; null: nothing';

COMMENT ON VIEW constraint_runner.violations IS 'Violations, one row per pair of a statement and a constraint that it breaks';
COMMENT ON COLUMN constraint_runner.violations.wiki IS 'The id of the wiki in the configuration';
COMMENT ON COLUMN constraint_runner.violations.entity IS 'The id of the entity that has the statement';
COMMENT ON COLUMN constraint_runner.violations.property IS 'The property that has the constraint';
COMMENT ON COLUMN constraint_runner.violations.property_number IS 'The number of that property: to filter by it uses an index';
COMMENT ON COLUMN constraint_runner.violations.statement IS 'The id (GUID) of the statement';
COMMENT ON COLUMN constraint_runner.violations.constraint_id IS 'The id (GUID) of the constraint statement on the property';
COMMENT ON COLUMN constraint_runner.violations.type IS 'The item of the constraint type';
COMMENT ON COLUMN constraint_runner.violations.status IS 'violation, warning, suggestion or bad-parameters';
COMMENT ON COLUMN constraint_runner.violations.message_key IS 'The key of WBQC''s message, or of the runner''s own';
COMMENT ON COLUMN constraint_runner.violations.own IS 'Whether an extra of the runner found it, and not WBQC''s check';
COMMENT ON COLUMN constraint_runner.violations.fix IS 'A suggested replacement, as JSON; null: not known';

COMMENT ON VIEW constraint_runner.dependencies IS 'The other entities that stored results depend on';
COMMENT ON COLUMN constraint_runner.dependencies.wiki IS 'The id of the wiki in the configuration';
COMMENT ON COLUMN constraint_runner.dependencies.entity IS 'The id of the checked entity';
COMMENT ON COLUMN constraint_runner.dependencies.depends_on IS 'The id of an entity that a check read';
COMMENT ON COLUMN constraint_runner.dependencies.revision IS 'Its revision at that time; null: unknown, missing or a redirect';

COMMENT ON VIEW constraint_runner.dead_jobs IS 'Jobs that failed for good';
COMMENT ON COLUMN constraint_runner.dead_jobs.wiki IS 'The id of the wiki in the configuration';
COMMENT ON COLUMN constraint_runner.dead_jobs.entity IS 'The id of the entity whose check failed';
COMMENT ON COLUMN constraint_runner.dead_jobs.revision IS 'The revision that the job asked for; 0: the current one';
COMMENT ON COLUMN constraint_runner.dead_jobs.died_at IS 'When the last attempt failed';
COMMENT ON COLUMN constraint_runner.dead_jobs.attempts IS 'How often it was tried';
COMMENT ON COLUMN constraint_runner.dead_jobs.reason IS 'The error of the last attempt';

-- The tables are the runner's own and change with its versions.
COMMENT ON TABLE constraint_runner.event IS 'What each stored result changed in the pairs of its entity, for GET /v1/events';
COMMENT ON TABLE constraint_runner.import IS 'Imports: what was asked for, how far each is, and how it ended';
COMMENT ON TABLE constraint_runner.job IS 'The queue: at most one job for each page';
COMMENT ON TABLE constraint_runner.schema_migration IS 'The migrations that were applied to this schema';

DO $$
DECLARE
    row record;
    -- the same in every table that has it
    common constant jsonb := '{
        "wiki": "The id of the wiki in the configuration",
        "entity": "The id of an entity",
        "import_id": "The import that the row belongs to",
        "class": "The id of a class",
        "priority": "Higher values are leased first",
        "document_revision": "The revision of document",
        "attempts": "Attempts that failed for a reason that may be the entity''s own",
        "lease_owner": "The runner that holds the lease; null: none",
        "lease_token": "Identifies the lease: later ones have higher tokens",
        "created_at": "When the row was made"
    }';
    special constant jsonb := '{
        "changed_class.id": "The order of the changes",
        "changed_class.class": "An id as a number, coded as class_node.class",
        "changed_class.revision": "The revision of the class that was stored",
        "class_edge.superclass": "What it is a subclass of, or redirects to",
        "class_node.revision": "The revision that was read; see state",
        "commons_file.page_id": "page_id of the wiki",
        "commons_file.width": "Pixels of the latest version",
        "commons_file.height": "Pixels of the latest version",
        "commons_file.first_user_id": "Uploader of the first version; null: hidden, or without an account",
        "commons_file.latest_user_id": "Uploader of the latest version; null: hidden, or without an account",
        "commons_file.name": "Title without namespace, with underscores",
        "commons_file.major_mime": "The part of the MIME type before the slash",
        "commons_file.minor_mime": "The part of the MIME type after the slash",
        "commons_file.first_user": "Name of the uploader of the first version; null: hidden",
        "commons_file.first_at": "When the first version was uploaded",
        "commons_file.latest_user": "Name of the uploader of the latest version; null: hidden",
        "commons_file.latest_at": "When the latest version was uploaded",
        "commons_file.archive_name": "oi_archive_name of the first version; null: there is only one version",
        "commons_file.previous_name": "The name in the list that this one is compared with, of a renamed file",
        "dead_job.revision": "The revision that the job asked for; 0: the current one",
        "dead_job.died_at": "When the last attempt failed",
        "dead_job.reason": "The error of the last attempt",
        "dead_job.document": "The JSON of the entity, compressed with zstd",
        "dependency.revision": "Its revision at the time of the check; 0: unknown, missing or a redirect",
        "dependency.depends_on": "The id of an entity that a check read",
        "distinct_value.key": "A hash of property, place, value and separators",
        "distinct_value.property": "The number of the property of the value",
        "entity_change.changed_at": "When the change was noted",
        "entity_change.id": "The order of the changes",
        "entity_result.revision": "The revision that was checked",
        "entity_result.check_number": "The number of the check; checks are numbered in the order of their beginnings",
        "entity_result.checked_at": "When the result was stored",
        "entity_result.duration_us": "Microseconds that reading and checking took",
        "entity_result.n_bad_parameters": "Number of results with the status bad-parameters",
        "entity_result.n_violation": "Number of results with the status violation",
        "entity_result.n_warning": "Number of results with the status warning",
        "entity_result.n_suggestion": "Number of results with the status suggestion",
        "entity_result.n_exception": "Number of results with the status exception",
        "entity_result.n_compliance": "Number of results with the status compliance",
        "entity_result.n_deprecated": "Number of results with the status deprecated",
        "entity_result.n_not_in_scope": "Number of results with the status not-in-scope",
        "entity_result.n_todo": "Number of results with the status todo",
        "entity_result.engine": "What checked it: native, or php for WBQC itself",
        "event.id": "The order of the events of one transaction",
        "event.revision": "The revision of the result",
        "event.deleted": "Whether the entity was deleted or became a redirect",
        "event.appeared": "Pairs that the result has and the one before had not",
        "event.disappeared": "Pairs that the result before had",
        "event_horizon.transaction": "Of the last removed event",
        "event_horizon.id": "Of the last removed event",
        "event_horizon.created_at": "When the last removed event was written",
        "import.id": "The job_id of the API",
        "import.due_at": "When the next chunk may begin",
        "import.started_at": "When the first chunk began",
        "import.worked_at": "When the last chunk was saved",
        "import.ended_at": "When it was completed, failed or cancelled",
        "import.lease_until": "When the lease runs out",
        "import.total": "How many files or entities there are, as far as is known",
        "import.done": "How many were taken",
        "import.failed": "How many could not be taken",
        "import.retry_after": "Number of the last problem before those that are tried again",
        "import.rate": "Files or entities a second, lately",
        "import.chunk_size": "How many the next chunk takes",
        "import.attempts": "Failed attempts since the last saved chunk",
        "import.total_known": "Whether total is final",
        "import.state": "What it does, or how it ended",
        "import.kind": "The import_method of the API",
        "import.subject": "What is imported, in words",
        "import.parameters": "The request, as JSON",
        "import.current": "The category or file that is being read",
        "import.counts": "What the kind of import counts besides done and failed, as JSON",
        "import.details": "What the status shows besides, as JSON",
        "import.error_code": "The code of error",
        "import.label": "What the request said that it is for",
        "import_item.number": "The place in the list",
        "import_item.page_id": "page_id of the file that was found",
        "import_item.asked": "The name or number in the list",
        "import_item.title": "The title of the file, or where a redirect leads",
        "import_item.reason": "Why it was not taken, in words",
        "import_item.known_name": "The name in an earlier list",
        "import_job.queued_at": "When the import queued it",
        "import_problem.number": "The order of the problems",
        "import_problem.noted_at": "When it was met",
        "import_problem.retryable": "Whether another attempt can help",
        "import_problem.code": "The kind of the problem",
        "import_problem.item": "The file, category, line or entity",
        "import_problem.reason": "What happened, in words",
        "job.revision": "The revision that is asked for, or a later one; 0: the current one",
        "job.queued_at": "When it was accepted",
        "job.state": "ready, leased or delayed",
        "parity_difference.revision": "The revision that both checked",
        "parity_difference.found_at": "When the difference was found",
        "parity_difference.property": "The number of the property that has the constraint",
        "parity_difference.constraint_id": "The id (GUID) of the constraint statement",
        "parity_difference.type": "The item of the constraint type",
        "parity_difference.native": "Results of the runner, as JSON",
        "parity_difference.php": "Results of WBQC, as JSON",
        "redirect.redirect": "The page that redirects",
        "redirect.target": "Where it leads",
        "runner.started_at": "When it started",
        "runner.name": "Its name in job.lease_owner",
        "schema_migration.number": "Its number in the order of migrations",
        "schema_migration.name": "Its name",
        "schema_migration.checksum": "A hash of its text",
        "schema_migration.applied_at": "When it was applied",
        "value_change.id": "The order of the changes",
        "violation.property": "The number of the property that has the constraint",
        "violation.status": "The status of the result",
        "violation.statement": "The id (GUID) of the statement",
        "violation.constraint_id": "The id (GUID) of the constraint statement on the property",
        "violation.type": "The item of the constraint type",
        "violation.message_key": "The key of WBQC''s message, or of the runner''s own",
        "wiki_role.role": "The role that reads it",
        "wiki_settings.fingerprint": "A hash of the settings of the wiki that decide results"
    }';
    said text;
BEGIN
    FOR row IN SELECT c.relname, a.attname, a.attnum FROM pg_class c
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
               WHERE c.relnamespace = 'constraint_runner'::regnamespace AND c.relkind = 'r'
                 AND col_description(c.oid, a.attnum) IS NULL
    LOOP
        said := coalesce(special ->> (row.relname || '.' || row.attname), common ->> row.attname::text);
        IF said IS NOT NULL THEN
            EXECUTE format('COMMENT ON COLUMN constraint_runner.%I.%I IS %L', row.relname, row.attname, said);
        END IF;
    END LOOP;
END
$$;
