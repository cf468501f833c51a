-- SPDX-License-Identifier: GPL-2.0-or-later
-- Jobs are leased in the order in which they became ready, so that a runner need not look again at what
-- was there before: index entries of jobs that are over stay while a snapshot is held, and each lease
-- would go through all of them.

ALTER TABLE constraint_runner.job
    ADD COLUMN ready_at timestamptz NOT NULL DEFAULT clock_timestamp();
COMMENT ON COLUMN constraint_runner.job.ready_at IS
    'When it became ready, or got its priority: its place among the jobs of that priority';
DROP INDEX constraint_runner.job_ready;
CREATE INDEX job_ready ON constraint_runner.job (wiki, priority DESC, ready_at)
    WHERE state = 'ready';

-- Always the time of the write, which comes after the lock on the table: the transactions that hold that
-- lock are those whose rows are still to be expected (src/store/ready_cursor.cpp).
CREATE FUNCTION constraint_runner.job_became_ready() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.ready_at = clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER job_became_ready BEFORE UPDATE ON constraint_runner.job FOR EACH ROW
    WHEN (NEW.state = 'ready' AND (OLD.state <> 'ready' OR NEW.priority <> OLD.priority))
    EXECUTE FUNCTION constraint_runner.job_became_ready();
