-- SPDX-License-Identifier: GPL-2.0-or-later
-- Jobs whose process died or whose source was away, and the runners that live.

ALTER TABLE constraint_runner.job
    ADD COLUMN deferrals integer NOT NULL DEFAULT 0,
    ADD COLUMN deaths integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN constraint_runner.job.deferrals IS
    'How often it was put off through no fault of the entity (its source or the database was away): the pauses grow with it';
COMMENT ON COLUMN constraint_runner.job.deaths IS
    'How often its lease ended without an end of the job: the process died, or was stopped for longer than the lease. From the second time on it waits with due_at infinity until a runner that has no other such job takes it';
CREATE INDEX job_suspect ON constraint_runner.job (deaths, queued_at) WHERE due_at = 'infinity';

CREATE TABLE constraint_runner.runner (
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    name text COLLATE "C" PRIMARY KEY
);
COMMENT ON TABLE constraint_runner.runner IS
    'A row for each runner. It holds the advisory lock (1667396210, hashtext(name)) while its process lives; without the lock it is dead, and others give its jobs back';
