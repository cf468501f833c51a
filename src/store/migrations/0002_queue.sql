-- SPDX-License-Identifier: GPL-2.0-or-later
-- The queue: one row per entity that waits for a check or is being checked, and the dead list.

CREATE TYPE constraint_runner.job_state AS ENUM ('ready', 'delayed', 'leased');

CREATE TABLE constraint_runner.job (
    revision bigint NOT NULL,
    generation bigint NOT NULL DEFAULT 1,
    queued_at timestamptz NOT NULL,
    due_at timestamptz,
    lease_token bigint,
    document_revision bigint,
    attempts integer NOT NULL DEFAULT 0,
    state constraint_runner.job_state NOT NULL DEFAULT 'ready',
    priority smallint NOT NULL,
    wiki text COLLATE "C" NOT NULL,
    entity text COLLATE "C" NOT NULL,
    lease_owner text COLLATE "C",
    document bytea,
    PRIMARY KEY (wiki, entity)
) WITH (
    fillfactor = 80,
    -- rows come and go all the time: clean up early
    autovacuum_vacuum_scale_factor = 0.05,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 1,
    toast.autovacuum_vacuum_scale_factor = 0.05,
    toast.autovacuum_vacuum_threshold = 5000,
    toast.autovacuum_vacuum_cost_delay = 1
);
COMMENT ON COLUMN constraint_runner.job.generation IS
    'Grows when a job is accepted for an entity that has one: who began with an older generation does not end the job';
COMMENT ON COLUMN constraint_runner.job.due_at IS
    'delayed: when the next attempt may begin; leased: when the lease runs out';
COMMENT ON COLUMN constraint_runner.job.document IS
    'The JSON of the entity at document_revision, compressed with zstd';

-- compressed already
ALTER TABLE constraint_runner.job ALTER COLUMN document SET STORAGE EXTERNAL;

CREATE INDEX job_ready ON constraint_runner.job (wiki, priority DESC, queued_at)
    WHERE state = 'ready';
CREATE INDEX job_due ON constraint_runner.job (due_at) WHERE state <> 'ready';

CREATE TABLE constraint_runner.dead_job (
    revision bigint NOT NULL,
    died_at timestamptz NOT NULL,
    document_revision bigint,
    attempts integer NOT NULL,
    priority smallint NOT NULL,
    wiki text COLLATE "C" NOT NULL,
    entity text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    document bytea,
    PRIMARY KEY (wiki, entity)
);
COMMENT ON TABLE constraint_runner.dead_job IS
    'Jobs that failed too often; a later success for the entity removes them';
ALTER TABLE constraint_runner.dead_job ALTER COLUMN document SET STORAGE EXTERNAL;
