-- SPDX-License-Identifier: GPL-2.0-or-later
-- The graph of classes, so that a restart does not read it from the wiki again.

CREATE TABLE constraint_runner.class_node (
    class bigint NOT NULL,
    revision bigint NOT NULL,
    read_at timestamptz NOT NULL,
    state smallint NOT NULL,
    wiki text COLLATE "C" NOT NULL,
    superclasses bytea NOT NULL,
    PRIMARY KEY (wiki, class)
) WITH (
    -- read again and again: room for the new row beside the old one
    fillfactor = 90
);
COMMENT ON TABLE constraint_runner.class_node IS
    'One row per entity that is a class: that another is an instance or a subclass of';
COMMENT ON COLUMN constraint_runner.class_node.class IS
    'An id as a number: that of an item is its own number, 42 for Q42; of others see src/entity/id_code.hpp';
COMMENT ON COLUMN constraint_runner.class_node.read_at IS
    'When it was read from the wiki, or came with a job';
COMMENT ON COLUMN constraint_runner.class_node.state IS
    '0: found; 1: missing; 2: a redirect, its target stands in superclasses; for 1 and 2 the revision is the last one known';
COMMENT ON COLUMN constraint_runner.class_node.superclasses IS
    'The best-ranked superclasses in their order, 8 bytes each, coded as the class';
