// SPDX-License-Identifier: GPL-2.0-or-later
// See kept_documents.hpp.
#include "store/jobs/kept_documents.hpp"

#include "store/common/array.hpp"
#include "store/common/session_impl.hpp"
#include "store/jobs/document_codec.hpp"
#include "store/jobs/kept_jobs.hpp"

#include <memory>

namespace runner::store {

namespace {

constexpr Statement keep_document{"keep_document", R"(
INSERT INTO constraint_runner.kept_document AS k (wiki, entity, revision, document)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[])
ON CONFLICT (wiki, entity) DO UPDATE SET
    revision = excluded.revision, document = excluded.document
WHERE excluded.revision >= k.revision AND excluded.document <> k.document)"};

constexpr Statement load_kept_documents{"load_kept_documents", R"(
SELECT k.n - 1, d.revision, d.document
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k(wiki, entity, n)
JOIN constraint_runner.kept_document d ON d.wiki = k.wiki AND d.entity = k.entity)"};

constexpr Statement load_known_documents{"load_known_documents", R"(
SELECT k.n - 1, coalesce(d.revision, r.revision), d.document
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k(wiki, entity, n)
LEFT JOIN constraint_runner.kept_document d ON d.wiki = k.wiki AND d.entity = k.entity
LEFT JOIN constraint_runner.entity_result r
  ON r.wiki = k.wiki AND r.entity = k.entity AND r.tombstone = 0
WHERE d.entity IS NOT NULL OR r.entity IS NOT NULL)"};

} // namespace

void KeptDocuments::keep(std::string_view wiki, const KeptDocument& document) {
    TextArray wikis, entities;
    BigintArray revisions;
    ByteaArray documents;
    wikis.add(wiki);
    entities.add(document.id.to_string());
    revisions.add(document.revision);
    documents.add(compress_document(document.json));
    session_.impl().run([&](Transaction& transaction) {
        transaction.exec(keep_document, wikis, entities, revisions, documents);
    });
}

std::vector<KeptDocument> KeptDocuments::load(std::string_view wiki,
                                              std::span<const entity::EntityId> ids) {
    std::vector<KeptDocument> out;
    if (ids.empty())
        return out;
    TextArray wikis, entities;
    for (const entity::EntityId& id : ids) {
        wikis.add(wiki);
        entities.add(id.to_string());
    }
    const auto rows = session_.impl().read(load_known_documents, wikis, entities);
    for (const auto& row : rows)
        out.push_back({ids[row[0].as<std::size_t>()], row[1].as<std::uint64_t>(),
                       row[2].is_null() ? std::string{} : decompress_document(read_bytes(row[2]))});
    return out;
}

std::vector<NewJob> kept_jobs(Transaction& transaction, const std::set<EntityKey>& entities) {
    std::vector<NewJob> jobs;
    TextArray wikis, names;
    std::vector<const EntityKey*> keys;
    for (const EntityKey& key : entities) {
        keys.push_back(&key);
        wikis.add(key.wiki);
        names.add(key.entity.to_string());
    }
    if (keys.empty())
        return jobs;
    for (const auto& row : transaction.exec(load_kept_documents, wikis, names)) {
        NewJob job;
        job.key = *keys[row[0].as<std::size_t>()];
        job.revision = row[1].as<std::uint64_t>();
        job.compressed = read_bytes(row[2]);
        job.document = std::make_shared<const std::string>(decompress_document(job.compressed));
        jobs.push_back(std::move(job));
    }
    return jobs;
}

} // namespace runner::store
