-- SPDX-License-Identifier: GPL-2.0-or-later
-- Imports know their own jobs.

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
