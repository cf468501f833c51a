-- SPDX-License-Identifier: GPL-2.0-or-later
-- What the roles of wikis may read is part of the schema, so that `migrate` keeps it up to date.

CREATE TABLE IF NOT EXISTS constraint_runner.wiki_role (
    wiki text COLLATE "C" NOT NULL,
    role name NOT NULL,
    PRIMARY KEY (wiki, role)
);
COMMENT ON TABLE constraint_runner.wiki_role IS
    'Which role may read the results of which wiki; the policies of the tables read it';

-- With SELECT alone a role can lock a table in no mode above ACCESS SHARE, and no row. Whatever else it
-- was granted in this schema, by an earlier version or by hand, is taken away.
CREATE FUNCTION constraint_runner.grant_wiki_role(role name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('REVOKE ALL ON SCHEMA constraint_runner FROM %I', role);
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA constraint_runner FROM %I', role);
    EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA constraint_runner FROM %I', role);
    EXECUTE format('GRANT USAGE ON SCHEMA constraint_runner TO %I', role);
    EXECUTE format('GRANT SELECT ON constraint_runner.wiki_role, constraint_runner.entity_result, '
        'constraint_runner.violation, constraint_runner.dependency, '
        'constraint_runner.violation_class, constraint_runner.class_edge TO %I', role);
END
$$;
REVOKE ALL ON FUNCTION constraint_runner.grant_wiki_role(name) FROM PUBLIC;

-- Called after each migration: a role sees the rows of its own wiki alone, unless it owns the tables or may
-- write them as a runner does; and the rights of all roles that are known and still there.
CREATE FUNCTION constraint_runner.renew_wiki_roles() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    each name;
BEGIN
    FOREACH each IN ARRAY ARRAY['entity_result', 'violation', 'dependency', 'event',
        'violation_class', 'class_edge']::name[] LOOP
        EXECUTE format('ALTER TABLE constraint_runner.%I ENABLE ROW LEVEL SECURITY', each);
        EXECUTE format('DROP POLICY IF EXISTS own_wiki ON constraint_runner.%I', each);
        EXECUTE format('CREATE POLICY own_wiki ON constraint_runner.%I FOR SELECT USING (wiki IN '
            '(SELECT r.wiki FROM constraint_runner.wiki_role r WHERE r.role = current_user))', each);
        EXECUTE format('DROP POLICY IF EXISTS writers ON constraint_runner.%I', each);
        EXECUTE format('CREATE POLICY writers ON constraint_runner.%I USING ((SELECT '
            'pg_catalog.has_table_privilege(''constraint_runner.entity_result'', ''INSERT'')))', each);
    END LOOP;
    FOR each IN SELECT DISTINCT r.role FROM constraint_runner.wiki_role r
                JOIN pg_catalog.pg_roles p ON p.rolname = r.role LOOP
        PERFORM constraint_runner.grant_wiki_role(each);
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION constraint_runner.renew_wiki_roles() FROM PUBLIC;
