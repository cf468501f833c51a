<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Reads stored results and decides which of them are fresh. By WBQC's rule (Freshness) any new
// revision of a dependency makes a result stale; the store has more data: a dependency of which the
// runner has stored that very revision, with the same hash of what checks of other entities see of
// it, has not changed in anything that the result depends on. This takes one query to PostgreSQL,
// and only for results that are stale by WBQC's rule.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use MediaWiki\Extension\ConstraintRunner\Store\Results;
use MediaWiki\Extension\ConstraintRunner\Store\StoredResult;

class FreshResults
{
    public function __construct(
        private readonly Results $results,
        private readonly Freshness $freshness
    ) {
    }

    /**
     * @param string[] $entities IDs
     * @return ?ReadResults null: the database is away
     */
    public function read(array $entities): ?ReadResults
    {
        $stored = $this->results->read($entities);
        if ($stored === null) {
            return null;
        }
        $latest = $this->freshness->latestRevisions(
            array_unique([...$entities, ...Freshness::dependencies($stored)])
        );
        return new ReadResults($stored, $latest, $this->fresh($stored, $latest));
    }

    /**
     * @param StoredResult[] $stored
     * @param int[] $latest
     * @return StoredResult[]
     */
    private function fresh(array $stored, array $latest): array
    {
        $inTime = array_filter($stored, $this->freshness->isInTime(...));
        $fresh = [];
        $edited = [];
        foreach ($inTime as $id => $result) {
            $changed = Freshness::changed($result, $latest);
            if ($changed === []) {
                $fresh[$id] = $result;
            } elseif (self::mayHold($result, $changed, $latest)) {
                $edited[$id] = $changed;
            }
        }
        $unchanged = $edited === []
            ? [] : $this->results->unchangedDependencies($inTime, $edited);
        foreach ($edited as $id => $changed) {
            $seen = $unchanged[$id] ?? [];
            if ($seen == array_intersect_key($latest, array_flip($changed))) {
                $fresh[$id] = $inTime[$id]->withRevisions($seen);
            }
        }
        return $fresh;
    }

    /**
     * Whether the store may show that nothing visible has changed: not when the entity itself was
     * edited, and not when a dependency was deleted.
     * @param string[] $changed
     * @param int[] $latest
     */
    private static function mayHold(StoredResult $result, array $changed, array $latest): bool
    {
        foreach ($changed as $id) {
            if ($id === $result->entity || ($latest[$id] ?? 0) === 0) {
                return false;
            }
        }
        return true;
    }
}
