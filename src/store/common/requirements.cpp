// SPDX-License-Identifier: GPL-2.0-or-later
// See requirements.hpp.
#include "store/common/requirements.hpp"

#include "store/common/migrations.hpp"
#include "store/common/session_impl.hpp"

namespace runner::store {

namespace {

constexpr Statement missing_rights{"missing_rights", R"(
SELECT current_user, string_agg(rights || ' on constraint_runner.' || relname, '; ')
FROM (SELECT c.relname, string_agg(wanted.privilege, ', ') AS rights
      FROM pg_class c
      CROSS JOIN LATERAL unnest(
          CASE WHEN c.relkind = 'S' THEN ARRAY['USAGE']
               WHEN c.relname = 'schema_migration' THEN ARRAY['SELECT']
               ELSE ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'] END) AS wanted(privilege)
      WHERE c.relnamespace = 'constraint_runner'::regnamespace AND c.relkind IN ('r', 'p', 'S')
        AND NOT CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, wanted.privilege)
                     ELSE has_table_privilege(c.oid, wanted.privilege) END
      GROUP BY c.relname ORDER BY c.relname LIMIT 5) AS missing
HAVING count(*) > 0)"};

constexpr Statement write_runner{"write_runner",
                                 "UPDATE constraint_runner.runner SET name = name WHERE name = $1"};

} // namespace

void require_schema_and_rights(Session& session) {
    check_schema(session);
    const auto missing = session.impl().run(
        [](Transaction& transaction) { return transaction.exec(missing_rights); });
    if (!missing.empty())
        throw RightsError(
            "the role \"" + missing[0][0].as<std::string>() +
            "\" of database.conninfo lacks privileges: " + missing[0][1].as<std::string>());
}

void require_writable(Session& session, const std::string& name) {
    session.impl().run([&](Transaction& transaction) { transaction.exec(write_runner, name); });
}

} // namespace runner::store
