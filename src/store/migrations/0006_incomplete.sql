-- SPDX-License-Identifier: GPL-2.0-or-later
-- The list of incomplete results: few among very many.

CREATE INDEX entity_result_incomplete ON constraint_runner.entity_result (wiki, entity)
    WHERE incomplete IS NOT NULL;
