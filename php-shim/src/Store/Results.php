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
                    'entity', 'revision', 'engine', 'value', 'incomplete' => 'to_json(incomplete)',
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
            $row->checked_at,
            (float)$row->checked_at_unix,
            $counts,
            json_decode($row->incomplete ?? '[]', true) ?? [],
            $row->engine,
            $value
        );
    }
}
