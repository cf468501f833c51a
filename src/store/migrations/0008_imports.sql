-- SPDX-License-Identifier: GPL-2.0-or-later
-- Imports: long work in chunks, what could not be imported, and the files of Commons categories.

CREATE TYPE constraint_runner.import_state AS ENUM
    ('active', 'paused', 'complete', 'failed', 'cancelled');

CREATE TABLE constraint_runner.import (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
    due_at timestamptz NOT NULL DEFAULT statement_timestamp(),
    started_at timestamptz,
    worked_at timestamptz,
    ended_at timestamptz,
    lease_until timestamptz,
    lease_token bigint,
    total bigint,
    done bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    retry_after bigint,
    retry_to bigint,
    rate double precision NOT NULL DEFAULT 0,
    chunk_size integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    total_known boolean NOT NULL DEFAULT false,
    state constraint_runner.import_state NOT NULL DEFAULT 'active',
    subject_key uuid NOT NULL,
    wiki text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    subject text NOT NULL,
    parameters json NOT NULL,
    position text,
    current text NOT NULL DEFAULT '',
    counts json NOT NULL,
    details json NOT NULL DEFAULT '{}',
    lease_owner text COLLATE "C",
    error_code text COLLATE "C",
    error text
) WITH (fillfactor = 50);
COMMENT ON COLUMN constraint_runner.import.position IS
    'The cursor: where the next chunk begins, in words of the kind of import; null before the first';
COMMENT ON COLUMN constraint_runner.import.subject_key IS
    'A hash of kind and subject: one import of a subject is active or paused at a time';
COMMENT ON COLUMN constraint_runner.import.retry_to IS
    'What failed is being tried again: problems after retry_after and up to this number';
COMMENT ON COLUMN constraint_runner.import.error IS
    'Why the last attempt came to nothing: of one that is active it is tried again at due_at';

CREATE UNIQUE INDEX import_one_per_subject ON constraint_runner.import (wiki, subject_key)
    WHERE state IN ('active', 'paused');
CREATE INDEX import_ended ON constraint_runner.import (ended_at)
    WHERE state NOT IN ('active', 'paused');

CREATE TABLE constraint_runner.import_problem (
    import_id bigint NOT NULL REFERENCES constraint_runner.import ON DELETE CASCADE,
    number bigint GENERATED ALWAYS AS IDENTITY,
    noted_at timestamptz NOT NULL DEFAULT statement_timestamp(),
    retryable boolean NOT NULL,
    code text COLLATE "C" NOT NULL,
    item text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (import_id, number)
);
COMMENT ON TABLE constraint_runner.import_problem IS
    'What an import could not take, one row a thing';

CREATE TABLE constraint_runner.commons_file (
    page_id bigint NOT NULL,
    import_id bigint NOT NULL,
    width bigint NOT NULL,
    height bigint NOT NULL,
    first_user_id bigint,
    latest_user_id bigint,
    change smallint NOT NULL,
    subject_key uuid NOT NULL,
    wiki text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    major_mime text COLLATE "C" NOT NULL,
    minor_mime text COLLATE "C" NOT NULL,
    first_user text COLLATE "C",
    first_at text COLLATE "C" NOT NULL,
    latest_user text COLLATE "C",
    latest_at text COLLATE "C" NOT NULL,
    archive_name text COLLATE "C",
    previous_name text COLLATE "C",
    PRIMARY KEY (wiki, subject_key, page_id)
) WITH (fillfactor = 80);
COMMENT ON TABLE constraint_runner.commons_file IS
    'Metadata of the files of imported categories; times are MediaWiki''s 14 digits';
COMMENT ON COLUMN constraint_runner.commons_file.import_id IS
    'The last import that saw the file, or noticed that it is gone';
COMMENT ON COLUMN constraint_runner.commons_file.change IS
    'What that import found: 0 unchanged, 1 new, 2 changed, 3 renamed, 4 vanished';
