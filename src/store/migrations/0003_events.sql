-- SPDX-License-Identifier: GPL-2.0-or-later
-- The outbox: one row per change of an entity's violation pairs, written with the change.

CREATE TABLE constraint_runner.event (
    id bigint GENERATED ALWAYS AS IDENTITY,
    revision bigint NOT NULL,
    created_at timestamptz NOT NULL,
    transaction xid8 NOT NULL,
    deleted boolean NOT NULL,
    wiki text COLLATE "C" NOT NULL,
    entity text COLLATE "C" NOT NULL,
    appeared json NOT NULL,
    disappeared json NOT NULL,
    PRIMARY KEY (wiki, entity, id)
);
COMMENT ON COLUMN constraint_runner.event.transaction IS
    'Ids are given out before the commit: a reader that must miss none stops at the oldest transaction still running';

CREATE INDEX event_id ON constraint_runner.event (id);

DO $$
BEGIN
    ALTER TABLE constraint_runner.event ALTER COLUMN appeared SET COMPRESSION lz4;
    ALTER TABLE constraint_runner.event ALTER COLUMN disappeared SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;
