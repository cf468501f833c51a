<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Violation pairs of entities of a class. Where the class or the other filters are rare, their own
// list is gone through; where the class is common, all pairs are, and soon fill a page. Where both
// are common and seldom meet, a page ends after some work, and the next one continues.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Store;

class ClassPairs
{
    /** Classes below one whose lists are merged at once, and after a look at the pairs. */
    private const FEW = 1000;
    private const MANY = 30000;
    /** Entities of the class, rows of its lists, and pairs, that one look takes. */
    private const ENTITIES = 5000;
    private const ROWS = 100000;
    private const PAIRS = 5000;
    private const MORE_PAIRS = 20000; // where nothing else is left
    /** Looks that find nothing, before a page stays empty. */
    private const LOOKS = 2;

    private bool $isGeneral = false;

    public function __construct(
        private readonly Pairs $pairs,
        private readonly ClassGraph $graph
    ) {
    }

    /**
     * @param ?string[] $after A key
     * @return array{array[],?string[]} Rows, and the key to continue after when there may be more
     */
    public function page(?array $after, int $limit): array
    {
        for ($look = 1;; ++$look) {
            [$rows, $next] = $this->look($after, $limit);
            if ($rows !== [] || $next === null || $look === self::LOOKS) {
                return [$rows, $next];
            }
            $after = $next;
        }
    }

    private function look(?array $after, int $limit): array
    {
        $listed = $this->pairs->isFiltered() || $this->isGeneral
            ? null
            : $this->list($after, $limit, self::FEW);
        if ($listed !== null) {
            return $listed;
        }
        $pairs = $this->isGeneral ? self::MORE_PAIRS : self::PAIRS;
        [$rows, $next] = $walked = $this->walk($after, $limit, $pairs);
        if ($next === null || 2 * count($rows) >= $limit || $this->isGeneral) {
            return $walked;
        }
        $listed = $this->list($after, $limit, self::MANY);
        $this->isGeneral = $listed === null;
        return $listed === null || ($listed[1] !== null && $listed[1] <= $next) ? $walked : $listed;
    }

    /** Goes through the entities of the class; null: it has too many classes below it. */
    private function list(?array $after, int $limit, int $classes): ?array
    {
        $wanted = $this->pairs->isFiltered() ? max($limit, self::ENTITIES) : $limit + 2;
        $found = $this->graph->instances($after[0] ?? '', $classes, $wanted, self::ROWS);
        if ($found === null) {
            return null;
        }
        [$entities, $more] = $found;
        [$rows, $next] = $this->pairs->page($after, $limit, $entities);
        if ($next === null && $more) {
            $next = [end($entities), '~', '']; // after all pairs of that entity
        }
        return [$rows, $next];
    }

    /** Goes through the pairs that the other filters let through. */
    private function walk(?array $after, int $limit, int $pairs): array
    {
        $end = $this->pairs->keyAhead($after, $pairs + 2 * $limit);
        $classes = $this->pairs->classes($after, $end);
        $right = $this->graph->among(array_keys(array_flip(array_merge(...array_values($classes)))));
        $entities = [];
        foreach ($classes as $entity => $those) {
            if (array_intersect_key($right, array_flip($those)) !== []) {
                $entities[] = $entity;
            }
        }
        // each of them has a pair in this stretch: more of them are not shown
        $entities = array_slice($entities, 0, $limit + 1);
        [$rows, $next] = $this->pairs->page($after, $limit, $entities, $end);
        return [$rows, $next ?? $end];
    }
}
