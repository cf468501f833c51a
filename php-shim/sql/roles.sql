-- SPDX-License-Identifier: GPL-2.0-or-later
-- Lets a role read the results of one wiki and nothing else. For a superuser, or for the owner of the
-- schema where the role is there already; once for each wiki, after `constraint-runner migrate`, which
-- keeps the rights up to date from then on. Harmless when it is repeated.
--
--     psql -d constraint_runner -v wiki=WIKI_ID -v role=ROLE -f roles.sql
--
-- ROLE is made when it is not there, without a password: give it one (ALTER ROLE … PASSWORD), or let
-- it in by its system user (pg_hba.conf: peer). NOTIFY can't be forbidden in PostgreSQL: the runner
-- takes a notification for no more than a reason to look.

\set ON_ERROR_STOP on
SET client_min_messages = warning;
BEGIN;

SELECT format('CREATE ROLE %I LOGIN', :'role')
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = :'role') \gexec

-- what is made here belongs to the owner of the schema, whoever runs this
SELECT format('SET LOCAL ROLE %I', pg_catalog.pg_get_userbyid(nspowner))
FROM pg_catalog.pg_namespace WHERE nspname = 'constraint_runner' \gexec

-- the owner would lose the rights that the runner needs
SELECT set_config('constraint_runner.role', :'role', true) \g /dev/null
DO $$
BEGIN
    IF pg_catalog.pg_has_role(current_setting('constraint_runner.role'), current_user, 'MEMBER') THEN
        RAISE EXCEPTION 'role "%" owns the schema, or is a member of the role that does: the wiki needs another one',
            current_setting('constraint_runner.role');
    END IF;
END
$$;

INSERT INTO constraint_runner.wiki_role VALUES (:'wiki', :'role') ON CONFLICT DO NOTHING;
SELECT constraint_runner.renew_wiki_roles() \g /dev/null

COMMIT;
