-- SPDX-License-Identifier: GPL-2.0-or-later
-- A property that is the value of a statement is seen like an item, with all its statements; one that is
-- used in statements only by its constraints. The first concerns few entities, the second many.

ALTER TABLE constraint_runner.entity_result ADD COLUMN seen_linked bigint;
COMMENT ON COLUMN constraint_runner.entity_result.seen_linked IS
    'Of a property: a hash (odd; seen is even) of what those see that link to it as a value; else null';
COMMENT ON COLUMN constraint_runner.dependency.seen IS
    'What the check saw of it, as entity_result.seen, or seen_linked of a property; null: not known';
CREATE INDEX dependency_linked_property ON constraint_runner.dependency (wiki, depends_on)
    WHERE seen & 1 = 1 AND depends_on >= 'P' AND depends_on < 'Q';
COMMENT ON COLUMN constraint_runner.entity_change.kind IS
    '0: its dependents are to be checked again; 1: the entity itself; 2: all that have it as a class, also indirectly; 3: all entities of the wiki, whose settings changed; 4: those that link to a property as a value';
