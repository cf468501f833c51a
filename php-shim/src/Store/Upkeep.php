<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// What the maintenance scripts ask of the store. Every answer is null when the database is away.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Store;

use Wikimedia\Rdbms\IDatabase;

class Upkeep
{
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
