-- SPDX-License-Identifier: GPL-2.0-or-later
-- Events can be followed: pairs that changed their status are told too, each event has its place in
-- an order, and how far back they are kept is known.

ALTER TABLE constraint_runner.event ADD COLUMN changed json NOT NULL DEFAULT '[]';
COMMENT ON COLUMN constraint_runner.event.changed IS
    'Pairs that stayed with another status, from and to, or with another type of the constraint';

-- The order of the stream. Of two transactions that change one entity the later may have the lower
-- number, when it has to wait for the other one: its event goes to the place of the other, so that
-- the order of an entity's events is always the true one. The place is never below the
-- transaction's own number, hence what lies below the oldest running transaction is complete.
-- SECURITY DEFINER: who may write events need not be able to read them.
CREATE FUNCTION constraint_runner.place_event() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    before xid8;
BEGIN
    NEW.transaction := pg_current_xact_id();
    SELECT e.transaction INTO before FROM constraint_runner.event e
        WHERE e.wiki = NEW.wiki AND e.entity = NEW.entity ORDER BY e.id DESC LIMIT 1;
    IF before > NEW.transaction THEN
        NEW.transaction := before;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER event_place BEFORE INSERT ON constraint_runner.event
    FOR EACH ROW EXECUTE FUNCTION constraint_runner.place_event();
COMMENT ON COLUMN constraint_runner.event.transaction IS
    'With the id the place in the stream; a reader that must miss none stops at the oldest transaction still running';

DROP INDEX constraint_runner.event_id;
CREATE INDEX event_position ON constraint_runner.event (transaction, id);

CREATE TABLE constraint_runner.event_horizon (
    transaction xid8 NOT NULL,
    id bigint NOT NULL,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE constraint_runner.event_horizon IS
    'One row: the last event that was removed because of its age; all before it are gone as well';
CREATE UNIQUE INDEX event_horizon_single ON constraint_runner.event_horizon ((true));
INSERT INTO constraint_runner.event_horizon VALUES ('0', 0, 'epoch');

-- Not by age: an index on what each check changes would cost each check.
CREATE INDEX entity_result_tombstone ON constraint_runner.entity_result (wiki, entity)
    WHERE tombstone <> 0;
