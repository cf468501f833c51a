-- SPDX-License-Identifier: GPL-2.0-or-later
-- The two roles: the runner's, which owns the schema, is the only one that writes and runs this; and
-- the wiki's, which may read results of its own wiki and nothing else. Run it as the owner of the
-- schema, once for each wiki and again after each `constraint-runner migrate`:
--
--     psql -d constraint_runner -v wiki=WIKI_ID -v role=ROLE -f roles.sql
--
-- ROLE is made when it is not there, without a password: give it one (ALTER ROLE … PASSWORD), or let
-- it in by its system user (pg_hba.conf: peer). Whatever else it was granted in this schema, by an
-- earlier version of this file or by hand, is taken away. With SELECT alone it can lock a table in no
-- mode above ACCESS SHARE, and no row. NOTIFY can't be forbidden in PostgreSQL: the runner takes a
-- notification for no more than a reason to look.

\set ON_ERROR_STOP on
SET client_min_messages = warning;
BEGIN;

SELECT format('CREATE ROLE %I LOGIN', :'role')
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = :'role') \gexec

-- the owner would lose the rights that the runner needs
SELECT set_config('constraint_runner.role', :'role', true) \g /dev/null
DO $$
BEGIN
    IF pg_catalog.pg_has_role(current_setting('constraint_runner.role'), (SELECT nspowner
            FROM pg_catalog.pg_namespace WHERE nspname = 'constraint_runner'), 'MEMBER') THEN
        RAISE EXCEPTION 'role "%" owns the schema, or is a member of the role that does: the wiki needs another one',
            current_setting('constraint_runner.role');
    END IF;
END
$$;

-- which role may see which wiki; the policies below read it
CREATE TABLE IF NOT EXISTS constraint_runner.wiki_role (
    wiki text COLLATE "C" NOT NULL,
    role name NOT NULL,
    PRIMARY KEY (wiki, role)
);
INSERT INTO constraint_runner.wiki_role VALUES (:'wiki', :'role') ON CONFLICT DO NOTHING;

REVOKE ALL ON SCHEMA constraint_runner FROM :"role";
REVOKE ALL ON ALL TABLES IN SCHEMA constraint_runner FROM :"role";
REVOKE ALL ON ALL SEQUENCES IN SCHEMA constraint_runner FROM :"role";

GRANT USAGE ON SCHEMA constraint_runner TO :"role";
GRANT SELECT ON constraint_runner.wiki_role, constraint_runner.entity_result,
    constraint_runner.violation, constraint_runner.dependency, constraint_runner.violation_class,
    constraint_runner.class_edge TO :"role";

-- The owner is not bound by policies.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['entity_result', 'violation', 'dependency', 'event',
        'violation_class', 'class_edge'] LOOP
        EXECUTE format('ALTER TABLE constraint_runner.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('DROP POLICY IF EXISTS own_wiki ON constraint_runner.%I', name);
        EXECUTE format('CREATE POLICY own_wiki ON constraint_runner.%I FOR SELECT USING (wiki IN '
            '(SELECT r.wiki FROM constraint_runner.wiki_role r WHERE r.role = current_user))', name);
    END LOOP;
END
$$;

COMMIT;
