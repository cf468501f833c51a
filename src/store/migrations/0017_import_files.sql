-- SPDX-License-Identifier: GPL-2.0-or-later
-- Files of imports: the wiki's own number of a file and of its latest version, lists by name, and
-- problems that are remarks and not one of the things that are counted.

ALTER TABLE constraint_runner.commons_file
    ADD COLUMN file_id bigint,
    ADD COLUMN latest_revision bigint,
    ADD COLUMN category text COLLATE "C";
COMMENT ON COLUMN constraint_runner.commons_file.file_id IS
    'file.file_id of the wiki; null where it still has the tables image and oldimage';
COMMENT ON COLUMN constraint_runner.commons_file.latest_revision IS
    'file.file_latest of the wiki, which says whether another version was uploaded';

COMMENT ON COLUMN constraint_runner.commons_file.category IS
    'The category that brought the file; null when it was named in a list';

CREATE INDEX commons_file_name
    ON constraint_runner.commons_file (wiki, subject_key, name, page_id);

ALTER TABLE constraint_runner.import_problem
    ADD COLUMN counted boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN constraint_runner.import_problem.counted IS
    'Whether it is one of the things that the import counts as failed, and not a remark';

CREATE INDEX import_problem_item ON constraint_runner.import_problem (import_id, item);

CREATE TABLE constraint_runner.import_item (
    import_id bigint NOT NULL REFERENCES constraint_runner.import ON DELETE CASCADE,
    number bigint NOT NULL,
    page_id bigint,
    outcome smallint NOT NULL DEFAULT 0,
    asked text NOT NULL,
    title text,
    reason text,
    PRIMARY KEY (import_id, number)
);
COMMENT ON TABLE constraint_runner.import_item IS
    'The list that an import was given, one row a name or number, and what each was found to be';
COMMENT ON COLUMN constraint_runner.import_item.outcome IS
    '0 not looked up yet, 1 found, 2 renamed, 3 redirect, 4 deleted, 5 missing, 6 twice, 7 no file, '
    '8 no name that a file could have';

CREATE INDEX import_item_page ON constraint_runner.import_item (import_id, page_id)
    WHERE page_id IS NOT NULL;
