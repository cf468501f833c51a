-- SPDX-License-Identifier: GPL-2.0-or-later
-- The index of distinct values: which entity has which value of a property whose values nobody
-- else may have. Kept with each stored result.

CREATE TABLE constraint_runner.distinct_value (
    key uuid NOT NULL,
    property integer NOT NULL,
    wiki text COLLATE "C" NOT NULL,
    entity text COLLATE "C" NOT NULL,
    PRIMARY KEY (wiki, entity, key)
);
COMMENT ON TABLE constraint_runner.distinct_value IS
    'One row per entity and value; the key is a hash of property, place, value and separators';

CREATE INDEX distinct_value_key ON constraint_runner.distinct_value (wiki, key, entity);

CREATE TABLE constraint_runner.value_change (
    id bigint GENERATED ALWAYS AS IDENTITY,
    wiki text COLLATE "C" NOT NULL,
    entity text COLLATE "C" NOT NULL,
    keys bytea NOT NULL,
    others bytea NOT NULL,
    PRIMARY KEY (wiki, entity, id)
);
COMMENT ON TABLE constraint_runner.value_change IS
    'Values that an entity has gained or lost: until its row is gone, nobody has looked whose results change with that';
COMMENT ON COLUMN constraint_runner.value_change.keys IS '16 bytes for each value';
COMMENT ON COLUMN constraint_runner.value_change.others IS
    'For each value one byte: how many other entities the check saw, or 255 for a value that was lost';

CREATE INDEX value_change_id ON constraint_runner.value_change (id);

-- keys are as good as compressed
ALTER TABLE constraint_runner.value_change ALTER COLUMN keys SET STORAGE EXTERNAL;
