-- SPDX-License-Identifier: GPL-2.0-or-later
-- Imports know their own jobs, and have their own lists of files.

CREATE TABLE constraint_runner.import_job (
    import_id bigint NOT NULL REFERENCES constraint_runner.import ON DELETE CASCADE,
    after_check bigint NOT NULL,
    queued_at timestamptz NOT NULL DEFAULT statement_timestamp(),
    entity text COLLATE "C" NOT NULL,
    PRIMARY KEY (import_id, entity)
);
COMMENT ON TABLE constraint_runner.import_job IS
    'Entities that an import of entities has queued and that have not been checked since';
COMMENT ON COLUMN constraint_runner.import_job.after_check IS
    'Checks with a higher number than this began after the import asked for one';

-- Lists belong to their import.
ALTER TABLE constraint_runner.import
    ADD COLUMN base_id bigint,
    ADD COLUMN data_deleted_at timestamptz;
COMMENT ON COLUMN constraint_runner.import.base_id IS
    'The import whose list this one is compared with: the complete one before it of the same subject';
COMMENT ON COLUMN constraint_runner.import.data_deleted_at IS
    'When its files, items and problems were deleted; its row stays';

-- Until now a subject had one list, which its imports shared: it becomes that of the newest complete
-- one. What an import that came later has seen since is its own.
CREATE TEMPORARY TABLE list_owner ON COMMIT DROP AS
    SELECT wiki, subject_key, max(id) AS newest,
           coalesce(max(id) FILTER (WHERE state = 'complete'), max(id)) AS owner
    FROM constraint_runner.import WHERE kind IN ('category', 'files') GROUP BY 1, 2;
UPDATE constraint_runner.import i SET base_id = o.owner
FROM list_owner o WHERE i.id = o.newest AND o.newest <> o.owner;

ALTER TABLE constraint_runner.commons_file DROP CONSTRAINT commons_file_pkey;
UPDATE constraint_runner.commons_file f SET import_id = o.owner, change = 0, previous_name = NULL
FROM list_owner o
WHERE f.wiki = o.wiki AND f.subject_key = o.subject_key AND f.change <> 4
  AND f.import_id NOT IN (o.owner, o.newest);
DELETE FROM constraint_runner.commons_file f
WHERE NOT EXISTS (SELECT FROM list_owner o
                  WHERE o.wiki = f.wiki AND o.subject_key = f.subject_key
                    AND f.import_id IN (o.owner, o.newest));
UPDATE constraint_runner.import i SET data_deleted_at = now()
FROM list_owner o
WHERE i.wiki = o.wiki AND i.subject_key = o.subject_key AND i.kind IN ('category', 'files')
  AND i.id NOT IN (o.owner, o.newest);

ALTER TABLE constraint_runner.commons_file
    DROP COLUMN wiki,
    DROP COLUMN subject_key,
    ADD PRIMARY KEY (import_id, page_id),
    ADD FOREIGN KEY (import_id) REFERENCES constraint_runner.import ON DELETE CASCADE;
CREATE INDEX commons_file_name ON constraint_runner.commons_file (import_id, name, page_id);
COMMENT ON TABLE constraint_runner.commons_file IS
    'The files of each import of categories or lists; times are MediaWiki''s 14 digits';
COMMENT ON COLUMN constraint_runner.commons_file.import_id IS
    'The import whose list it is in';
COMMENT ON COLUMN constraint_runner.commons_file.change IS
    'Against import.base_id: 0 unchanged, 1 new, 2 changed, 3 renamed, 4 vanished; 5 is left out by the filter';

-- What whoever gave a list knew of its files.
ALTER TABLE constraint_runner.import_item
    ADD COLUMN known_name text,
    ADD COLUMN known_at text COLLATE "C",
    ADD COLUMN replaced boolean;
COMMENT ON COLUMN constraint_runner.import_item.known_at IS
    'The time of the latest version that was known; 14 digits';
COMMENT ON COLUMN constraint_runner.import_item.replaced IS
    'Whether the latest version is another one than was known; null: nothing was known';

-- Filters of imports.
ALTER TABLE constraint_runner.commons_file
    ADD COLUMN left_out smallint,
    ADD COLUMN other_times text COLLATE "C";
COMMENT ON COLUMN constraint_runner.commons_file.left_out IS
    'Why the filter of the import leaves it out (its change is 5 then): 0 date, 1 MIME type, 2 size, 3 uploader';
COMMENT ON COLUMN constraint_runner.commons_file.other_times IS
    'When its old versions were uploaded, separated by commas, where there are several';
COMMENT ON COLUMN constraint_runner.import_item.outcome IS
    '0 not looked up yet, 1 found, 2 renamed, 3 redirect, 4 deleted, 5 missing, 6 twice, 7 no file, '
    '8 no name that a file could have, 9 left out by the filter';

-- What an import is for, in the words of whoever asked for it.
ALTER TABLE constraint_runner.import ADD COLUMN label text NOT NULL DEFAULT '';
CREATE INDEX import_label ON constraint_runner.import (label, id) WHERE label <> '';
