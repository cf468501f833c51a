-- SPDX-License-Identifier: GPL-2.0-or-later
-- The store equals a fresh check of the wiki: results remember in what order the wiki was asked and
-- what they saw of other entities, and jobs remember why they exist.

ALTER TABLE constraint_runner.entity_result
    DROP COLUMN seen_check,
    ADD COLUMN newest_revision bigint NOT NULL DEFAULT 0,
    ADD COLUMN asked_check bigint NOT NULL DEFAULT 0,
    ADD COLUMN ask_always boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN constraint_runner.entity_result.seen IS
    'A hash of what the checks of other entities see of this one; 0: missing; null: not known';
COMMENT ON COLUMN constraint_runner.entity_result.newest_revision IS
    'The highest revision ever stored: a document in a job is only used when it is newer';
COMMENT ON COLUMN constraint_runner.entity_result.asked_check IS
    'The last check for which the wiki itself was asked: an answer to an earlier question is not stored any more';
COMMENT ON COLUMN constraint_runner.entity_result.ask_always IS
    'The order of revisions is not known (a page that was deleted, restored or purged): documents in jobs are not used';

ALTER TABLE constraint_runner.dependency
    ADD COLUMN seen bigint,
    ADD COLUMN named boolean NOT NULL DEFAULT true;
COMMENT ON TABLE constraint_runner.dependency IS
    'The entities that a result depends on; revision 0: unknown, missing or a redirect';
COMMENT ON COLUMN constraint_runner.dependency.seen IS
    'What the check saw of it, as entity_result.seen; null: not known';
COMMENT ON COLUMN constraint_runner.dependency.named IS
    'Whether the result lists it in latestRevisionIds; the checks read others too: targets of redirects, properties without constraints';

-- Rows are only appended and removed: storing a result never waits for the reader of this table.
DROP INDEX constraint_runner.entity_change_age;
ALTER TABLE constraint_runner.entity_change
    DROP CONSTRAINT entity_change_pkey,
    DROP COLUMN revision,
    ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN kind smallint NOT NULL DEFAULT 0,
    ADD PRIMARY KEY (wiki, entity, id);
CREATE INDEX entity_change_id ON constraint_runner.entity_change (id);
COMMENT ON TABLE constraint_runner.entity_change IS
    'Entities that others see differently now: until its row is gone, not all dependents are queued';
COMMENT ON COLUMN constraint_runner.entity_change.kind IS
    '0: its dependents are to be checked again; 1: the entity itself; 2: all that have it as a class, also indirectly; 3: all entities of the wiki, whose settings changed';

ALTER TABLE constraint_runner.class_node
    ADD COLUMN edges integer,
    ADD COLUMN edges_before integer;
COMMENT ON COLUMN constraint_runner.class_node.edges IS
    'A hash of state and superclasses, compared with what checks passed; null: not known yet';
COMMENT ON COLUMN constraint_runner.class_node.edges_before IS
    'The hash before the last write';

CREATE TABLE constraint_runner.checked_class (
    wiki text COLLATE "C" NOT NULL,
    entity text COLLATE "C" NOT NULL,
    class text COLLATE "C" NOT NULL,
    PRIMARY KEY (wiki, entity, class)
);
COMMENT ON TABLE constraint_runner.checked_class IS
    'The classes from which the type checks of an entity went upwards: its own and those of linked entities';
CREATE INDEX checked_class_entity ON constraint_runner.checked_class (wiki, class);

CREATE TABLE constraint_runner.wiki_settings (
    wiki text COLLATE "C" PRIMARY KEY,
    fingerprint text COLLATE "C" NOT NULL
);
COMMENT ON TABLE constraint_runner.wiki_settings IS
    'A hash of the settings that decide results; when they change, all entities of the wiki are checked again';

-- How many others a check saw becomes a hash of which; what waits is of the old form.
DELETE FROM constraint_runner.value_change;
ALTER TABLE constraint_runner.value_change ADD COLUMN after text COLLATE "C" NOT NULL DEFAULT '';
COMMENT ON COLUMN constraint_runner.value_change.others IS
    'For each value 8 bytes: a hash of the other entities that the check named, or zeros for a value that was lost';
COMMENT ON COLUMN constraint_runner.value_change.after IS
    'Entities that share the values and are queued already, up to this one';

ALTER TABLE constraint_runner.job
    ADD COLUMN asks boolean NOT NULL DEFAULT false,
    ADD COLUMN confirm boolean NOT NULL DEFAULT false,
    ADD COLUMN reason smallint NOT NULL DEFAULT 0,
    ADD COLUMN rechecks smallint NOT NULL DEFAULT 0;
COMMENT ON COLUMN constraint_runner.job.asks IS
    'The wiki is to be asked, whatever documents came before: a job without a revision';
COMMENT ON COLUMN constraint_runner.job.confirm IS
    'The wiki answered with a lower revision than the stored one; the second such answer is believed';
COMMENT ON COLUMN constraint_runner.job.reason IS
    '0: an edit; 1: a dependency changed; 2: a class changed; 3: another entity shares a value; 4: a fill or import; 5: a retry; 6: a request for a check';
COMMENT ON COLUMN constraint_runner.job.rechecks IS
    'How often its check ended with a dependency that the store knows differently';

-- Jobs are of pages: forms and senses are checked with their lexeme.
INSERT INTO constraint_runner.job (wiki, entity, revision, priority, queued_at)
SELECT wiki, split_part(entity, '-', 1), 0, max(priority), min(queued_at)
FROM constraint_runner.job WHERE entity LIKE 'L%-%' GROUP BY 1, 2
ON CONFLICT DO NOTHING;
DELETE FROM constraint_runner.job WHERE entity LIKE 'L%-%';
