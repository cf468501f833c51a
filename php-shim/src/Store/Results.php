<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Reads stored results of this wiki. A question about no entity asks the database nothing.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Store;

use Wikimedia\Rdbms\IDatabase;

class Results
{
    public const STATUSES = ['bad-parameters', 'violation', 'warning', 'suggestion', 'exception',
        'compliance', 'deprecated', 'not-in-scope', 'todo'];

    public function __construct(
        private readonly Postgres $postgres,
        private readonly string $wiki
    ) {
    }

    public function isConfigured(): bool
    {
        return $this->postgres->isConfigured();
    }

    /**
     * @param string[] $entities IDs
     * @return StoredResult[]|null By ID, those that there are; null: the database is away
     */
    public function read(array $entities): ?array
    {
        if ($entities === []) {
            return [];
        }
        return $this->postgres->try(function (IDatabase $db) use ($entities): array {
            $rows = $db->newSelectQueryBuilder()
                ->select([
                    'entity', 'revision', 'check_number', 'engine', 'value',
                    'incomplete' => 'to_json(incomplete)',
                    // as the runner writes it: it is compared there
                    'checked_at' => "to_char(checked_at AT TIME ZONE 'UTC', "
                        . "'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')",
                    'checked_at_unix' => 'extract(epoch from checked_at)',
                    ...self::countColumns(),
                ])
                ->from('entity_result')
                ->where(['wiki' => $this->wiki, 'entity' => $entities, 'tombstone' => 0])
                ->caller(__METHOD__)
                ->fetchResultSet();
            $results = [];
            foreach ($rows as $row) {
                $result = self::fromRow($row);
                if ($result !== null) {
                    $results[$row->entity] = $result;
                }
            }
            return $results;
        });
    }

    /**
     * @param string[] $entities IDs
     * @return int[]|null Revisions of the results that there are, by ID; null: the database is away
     */
    public function revisions(array $entities): ?array
    {
        if ($entities === []) {
            return [];
        }
        return $this->postgres->try(function (IDatabase $db) use ($entities): array {
            $rows = $db->newSelectQueryBuilder()
                ->select(['entity', 'revision'])
                ->from('entity_result')
                ->where([
                    'wiki' => $this->wiki,
                    'entity' => array_map('strval', $entities),
                    'tombstone' => 0,
                ])
                ->caller(__METHOD__)
                ->fetchResultSet();
            $revisions = [];
            foreach ($rows as $row) {
                $revisions[$row->entity] = (int)$row->revision;
            }
            return $revisions;
        });
    }

    /**
     * What the runner's own checks found: no wiki has their messages, so that they are sentences.
     * @param string[] $entities IDs
     * @return array[] Of each that is told: statement, constraint, sentence; empty also when the
     *  database is away
     */
    public function ownSentences(array $entities): array
    {
        if ($entities === []) {
            return [];
        }
        return $this->postgres->try(function (IDatabase $db) use ($entities): array {
            $lists = $db->newSelectQueryBuilder()
                ->select('own')
                ->from('entity_result')
                ->where(['wiki' => $this->wiki, 'entity' => $entities, 'tombstone' => 0])
                ->andWhere('own IS NOT NULL')
                ->caller(__METHOD__)
                ->fetchFieldValues();
            $found = [];
            foreach ($lists as $list) {
                foreach (json_decode($list, true) ?? [] as $result) {
                    if (isset($result['sentence'])) {
                        $found[] = [
                            'statement' => $result['|']['g'] ?? '',
                            'constraint' => $result['c']['id'] ?? '',
                            'sentence' => $result['sentence'],
                        ];
                    }
                }
            }
            return $found;
        }) ?? [];
    }

    /**
     * Dependencies that others see as the checks saw them: the hash (seen) that is recorded with the
     * dependency is the one of the entity's own result (seen_linked, which is odd, where a property
     * is linked as a value). Where either is unknown there is no row.
     * @param StoredResult[] $stored As they were read; a result that was replaced meanwhile has none
     * @param array<string,string[]> $dependencies By entity: IDs of those that are asked for
     * @return array<string,array<string,int>> By entity and dependency: the revision of the latter's
     *  own result; empty also when the database is away
     */
    public function unchangedDependencies(array $stored, array $dependencies): array
    {
        $pairs = [];
        foreach ($dependencies as $entity => $ids) {
            foreach ($ids as $id) {
                $pairs[] = [(string)$entity, (string)$id];
            }
        }
        if ($pairs === []) {
            return [];
        }
        return $this->postgres->try(function (IDatabase $db) use ($stored, $pairs): array {
            $wiki = $db->addQuotes($this->wiki);
            $entities = $db->makeList(array_column($pairs, 0), IDatabase::LIST_COMMA);
            $ids = $db->makeList(array_column($pairs, 1), IDatabase::LIST_COMMA);
            // LATERAL and OFFSET 0: pair by pair, by the keys of the tables, whatever is estimated
            $rows = $db->query(
                "SELECT d.entity, d.depends_on, e.check_number, r.revision
                FROM unnest(ARRAY[$entities], ARRAY[$ids]) AS pair(entity, depends_on),
                LATERAL (SELECT entity, depends_on, seen FROM constraint_runner.dependency
                    WHERE wiki = $wiki AND entity = pair.entity COLLATE \"C\"
                        AND depends_on = pair.depends_on COLLATE \"C\" OFFSET 0) AS d,
                LATERAL (SELECT revision FROM constraint_runner.entity_result
                    WHERE wiki = $wiki AND entity = d.depends_on AND tombstone = 0
                        AND d.seen = CASE WHEN d.seen & 1 = 1 THEN coalesce(seen_linked, seen)
                            ELSE seen END OFFSET 0) AS r,
                LATERAL (SELECT check_number FROM constraint_runner.entity_result
                    WHERE wiki = $wiki AND entity = d.entity OFFSET 0) AS e",
                __METHOD__,
                IDatabase::QUERY_CHANGE_NONE
            );
            $unchanged = [];
            foreach ($rows as $row) {
                if ((int)$row->check_number === $stored[$row->entity]->checkNumber) {
                    $unchanged[$row->entity][$row->depends_on] = (int)$row->revision;
                }
            }
            return $unchanged;
        }) ?? [];
    }

    /** @return string[] */
    public static function countColumns(): array
    {
        return array_map(
            static fn (string $status) => 'n_' . strtr($status, '-', '_'),
            self::STATUSES
        );
    }

    private static function fromRow(object $row): ?StoredResult
    {
        $value = json_decode((string)$row->value, true);
        if (!isset($value['results'], $value['latestRevisionIds'])) {
            return null;
        }
        $counts = [];
        foreach (array_combine(self::STATUSES, self::countColumns()) as $status => $column) {
            $counts[$status] = (int)$row->$column;
        }
        return new StoredResult(
            $row->entity,
            (int)$row->revision,
            (int)$row->check_number,
            $row->checked_at,
            (float)$row->checked_at_unix,
            $counts,
            json_decode($row->incomplete ?? '[]', true) ?? [],
            $row->engine,
            $value
        );
    }
}
