-- SPDX-License-Identifier: GPL-2.0-or-later
-- Imports in the stream of events, addresses that are told of their end, and whose they are.

ALTER TABLE constraint_runner.import ADD COLUMN owner text COLLATE "C" NOT NULL DEFAULT '';
COMMENT ON COLUMN constraint_runner.import.owner IS
    'The client that asked for it: the name of a token, "uid 33" of the socket, or "tcp"; empty: not known';
CREATE INDEX import_owner ON constraint_runner.import (owner, id) WHERE owner <> '';

ALTER TABLE constraint_runner.event ADD COLUMN import json;
COMMENT ON COLUMN constraint_runner.event.import IS
    'What an event of an import says (its entity is "import/" and the number); null: it is one of a result';
-- imports have few events among those of results
CREATE INDEX event_import ON constraint_runner.event (transaction, id) WHERE import IS NOT NULL;

CREATE TABLE constraint_runner.import_notify (
    import_id bigint NOT NULL REFERENCES constraint_runner.import ON DELETE CASCADE,
    added_at timestamptz NOT NULL DEFAULT statement_timestamp(),
    url text COLLATE "C" NOT NULL,
    PRIMARY KEY (import_id, url)
);
COMMENT ON TABLE constraint_runner.import_notify IS
    'Addresses that get the status of an import whenever it ends';

CREATE TABLE constraint_runner.import_delivery (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    import_id bigint NOT NULL REFERENCES constraint_runner.import ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
    due_at timestamptz NOT NULL DEFAULT statement_timestamp(),
    delivered_at timestamptz,
    given_up_at timestamptz,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    attempts integer NOT NULL DEFAULT 0,
    url text COLLATE "C" NOT NULL,
    import jsonb NOT NULL,
    error text
);
COMMENT ON TABLE constraint_runner.import_delivery IS
    'One end of an import that one address is told of; open until delivered_at or given_up_at';
COMMENT ON COLUMN constraint_runner.import_delivery.due_at IS
    'When it is sent next; while a runner sends it, when another may';
COMMENT ON COLUMN constraint_runner.import_delivery.import IS
    'The row of the import as it was at that end';
CREATE INDEX import_delivery_of ON constraint_runner.import_delivery (import_id, url, number);
CREATE INDEX import_delivery_open ON constraint_runner.import_delivery (due_at)
    WHERE delivered_at IS NULL AND given_up_at IS NULL;

-- The word that users read for the state of an import.
CREATE FUNCTION constraint_runner.import_status(constraint_runner.import_state, error text,
    lease_token bigint, started_at timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN $1 <> 'active' THEN $1::text
                WHEN $2 IS NOT NULL AND $3 IS NULL THEN 'waiting'
                WHEN $4 IS NULL THEN 'queued'
                ELSE 'running' END
$$;

-- Of triggers, and not of the program: whatever statement changes a status, of whichever version of
-- the runner or by hand, writes the event and the deliveries in the same transaction. So neither can be
-- lost between the two. The row of the import is locked by its change until the commit, so that its
-- events are written in the order of the changes.
CREATE FUNCTION constraint_runner.note_import_status() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    now_is text := constraint_runner.import_status(NEW.state, NEW.error, NEW.lease_token,
        NEW.started_at);
    before text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        before := constraint_runner.import_status(OLD.state, OLD.error, OLD.lease_token,
            OLD.started_at);
    END IF;
    INSERT INTO constraint_runner.event
        (wiki, entity, revision, created_at, transaction, deleted, appeared, disappeared, import)
    SELECT NEW.wiki, 'import/' || NEW.id, 0, statement_timestamp(), pg_current_xact_id(), false,
        '[]', '[]', row_to_json(told)
    FROM (SELECT NEW.id AS job_id, NEW.kind AS import_method, nullif(NEW.label, '') AS label,
            nullif(NEW.owner, '') AS owner, now_is AS status, before AS previous_status,
            NEW.total, NEW.done, NEW.failed, NEW.counts,
            CASE WHEN NEW.error IS NOT NULL THEN
                json_build_object('code', NEW.error_code, 'message', NEW.error) END AS error) told;
    IF NEW.state IN ('complete', 'failed', 'cancelled') THEN
        INSERT INTO constraint_runner.import_delivery (import_id, url, import)
        SELECT NEW.id, n.url, to_jsonb(NEW)
        FROM constraint_runner.import_notify n WHERE n.import_id = NEW.id;
    END IF;
    PERFORM pg_notify('constraint_runner', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER import_created AFTER INSERT ON constraint_runner.import
    FOR EACH ROW EXECUTE FUNCTION constraint_runner.note_import_status();
CREATE TRIGGER import_changed AFTER UPDATE ON constraint_runner.import
    FOR EACH ROW WHEN (
        constraint_runner.import_status(OLD.state, OLD.error, OLD.lease_token, OLD.started_at)
        <> constraint_runner.import_status(NEW.state, NEW.error, NEW.lease_token, NEW.started_at))
    EXECUTE FUNCTION constraint_runner.note_import_status();
