-- SPDX-License-Identifier: GPL-2.0-or-later
-- The two roles: the runner's, which owns the schema and runs this, and the wiki's, which may read
-- and store results of its own wiki and nothing else. Run it as the owner of the schema, once for
-- each wiki and again after each `constraint-runner migrate`:
--
--     psql -d constraint_runner -v wiki=WIKI_ID -v role=ROLE -f roles.sql
--
-- ROLE is made when it is not there, without a password: give it one (ALTER ROLE … PASSWORD), or let
-- it in by its system user (pg_hba.conf: peer).

\set ON_ERROR_STOP on
SET client_min_messages = warning;
BEGIN;

SELECT format('CREATE ROLE %I LOGIN', :'role')
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = :'role') \gexec

-- which role may see which wiki; the policies below read it
CREATE TABLE IF NOT EXISTS constraint_runner.wiki_role (
    wiki text COLLATE "C" NOT NULL,
    role name NOT NULL,
    PRIMARY KEY (wiki, role)
);
INSERT INTO constraint_runner.wiki_role VALUES (:'wiki', :'role') ON CONFLICT DO NOTHING;

GRANT USAGE ON SCHEMA constraint_runner TO :"role";
GRANT SELECT ON constraint_runner.wiki_role TO :"role";
GRANT USAGE ON SEQUENCE constraint_runner.check_number TO :"role";
GRANT SELECT, INSERT, UPDATE ON constraint_runner.entity_result TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON constraint_runner.violation, constraint_runner.dependency
    TO :"role";
GRANT SELECT ON constraint_runner.violation_class, constraint_runner.class_edge TO :"role";
GRANT INSERT ON constraint_runner.event TO :"role";

-- The owner is not bound by policies, so the runner works as before.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['entity_result', 'violation', 'dependency', 'event',
        'violation_class', 'class_edge'] LOOP
        EXECUTE format('ALTER TABLE constraint_runner.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('DROP POLICY IF EXISTS own_wiki ON constraint_runner.%I', name);
        EXECUTE format('CREATE POLICY own_wiki ON constraint_runner.%I USING (wiki IN '
            '(SELECT r.wiki FROM constraint_runner.wiki_role r WHERE r.role = current_user))', name);
    END LOOP;
END
$$;

COMMIT;
