<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// What the maintenance scripts ask of the store. Every answer is null when the database is away.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Store;

use Wikimedia\Rdbms\IDatabase;

class Upkeep
{
    /** Of every wiki's rows, in the order of removal. */
    private const TABLES = [
        'violation' => ['entity', 'statement', 'constraint_id'],
        'violation_class' => ['entity', 'class'],
        'dependency' => ['entity', 'depends_on'],
        'distinct_value' => ['entity', 'key'],
        'value_change' => ['entity', 'id'],
        'entity_change' => ['entity'],
        'class_node' => ['class'],
        'class_edge' => ['class', 'superclass'],
        'parity_difference' => ['entity', 'constraint_id'],
        'event' => ['entity', 'id'],
        'job' => ['entity'],
        'dead_job' => ['entity'],
        'entity_result' => ['entity'],
    ];

    public function __construct(
        private readonly Postgres $postgres,
        private readonly string $wiki
    ) {
    }

    /** @return ?int[] results, incomplete, violations */
    public function counts(): ?array
    {
        return $this->postgres->try(fn (IDatabase $db) => [
            'results' => $this->count($db, 'entity_result', ['tombstone' => 0]),
            'incomplete' => $this->count($db, 'entity_result', ['incomplete IS NOT NULL']),
            'violations' => $this->count($db, 'violation', []),
        ]);
    }

    /** @return ?string[] Entities with a result, by chance */
    public function sample(int $size): ?array
    {
        return $this->postgres->try(fn (IDatabase $db) => $db->newSelectQueryBuilder()
            ->select('entity')
            ->from('entity_result')
            ->where(['wiki' => $this->wiki, 'tombstone' => 0])
            ->orderBy('random()')
            ->limit($size)
            ->caller(__METHOD__)
            ->fetchFieldValues());
    }

    /** @return ?int How many rows were removed; 0: there are no more */
    public function remove(int $limit): ?int
    {
        return $this->postgres->try(function (IDatabase $db) use ($limit): int {
            foreach (self::TABLES as $table => $key) {
                $columns = implode(', ', $key);
                $wiki = $db->addQuotes($this->wiki);
                $db->query(
                    "DELETE FROM constraint_runner.$table WHERE wiki = $wiki AND ($columns) IN "
                        . "(SELECT $columns FROM constraint_runner.$table WHERE wiki = $wiki "
                        . "LIMIT $limit)",
                    __METHOD__
                );
                if ($db->affectedRows() > 0) {
                    return $db->affectedRows();
                }
            }
            return 0;
        });
    }

    private function count(IDatabase $db, string $table, array $conditions): int
    {
        return (int)$db->newSelectQueryBuilder()
            ->select('count(*)')
            ->from($table)
            ->where(['wiki' => $this->wiki, ...$conditions])
            ->caller(__METHOD__)
            ->fetchField();
    }
}
