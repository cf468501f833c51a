<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// The work list: violation pairs of this wiki in the order of their keys, page by page. A page costs
// the same however far down the list it is: each filter has its index (migration 0012).

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Store;

use Wikimedia\Rdbms\IDatabase;

class Violations
{
    private const SEPARATOR = '|'; // in no entity ID and no statement ID

    public function __construct(
        private readonly Postgres $postgres,
        private readonly string $wiki
    ) {
    }

    /** Whether a text from outside can be a cursor. */
    public static function isCursor(string $text): bool
    {
        return substr_count($text, self::SEPARATOR) === 2 && mb_check_encoding($text, 'UTF-8')
            && !str_contains($text, "\0");
    }

    /** @return ?ViolationPage null: the database is away */
    public function page(ViolationFilter $filter, ?string $after, int $limit): ?ViolationPage
    {
        return $this->postgres->try(
            fn (IDatabase $db) => $this->read($db, $filter, $after, $limit)
        );
    }

    private function read(
        IDatabase $db,
        ViolationFilter $filter,
        ?string $after,
        int $limit
    ): ViolationPage {
        $pairs = new Pairs($db, $this->wiki, $filter);
        $cursor = $after === null ? null : explode(self::SEPARATOR, $after);
        [$found, $next] = $filter->class === null
            ? $pairs->page($cursor, $limit)
            : (new ClassPairs(
                $pairs,
                new ClassGraph($db, $this->wiki, $filter->class, $filter->direct)
            ))->page($cursor, $limit);
        $rows = [];
        foreach ($found as $row) {
            $row['property'] = 'P' . $row['property'];
            $rows[] = self::withExtras($row);
        }
        return new ViolationPage(
            $this->withChecks($db, $rows),
            $next === null ? null : implode(self::SEPARATOR, $next)
        );
    }

    /** What the runner finds beyond WBQC has members where there is something, and no others. */
    private static function withExtras(array $row): array
    {
        $extras = array_filter([
            'own' => in_array($row['own'], [true, 't', '1'], true),
            'fix' => $row['fix'] === null ? null : json_decode($row['fix'], true),
            'own_status' => $row['own_status'],
        ]);
        unset($row['own'], $row['fix'], $row['own_status']);
        return $row + $extras;
    }

    /** Adds when, and at which revision, the entities were checked. */
    private function withChecks(IDatabase $db, array $rows): array
    {
        if ($rows === []) {
            return [];
        }
        $checks = [];
        $found = $db->newSelectQueryBuilder()
            ->select([
                'entity', 'revision',
                'checked_at' => "to_char(checked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
            ])
            ->from('entity_result')
            ->where([
                'wiki' => $this->wiki,
                'entity' => array_values(array_unique(array_column($rows, 'entity'))),
            ])
            ->caller(__METHOD__)
            ->fetchResultSet();
        foreach ($found as $check) {
            $checks[$check->entity] = $check;
        }
        return array_map(static fn (array $row) => $row + [
            'revision' => (int)($checks[$row['entity']]->revision ?? 0),
            'checked_at' => $checks[$row['entity']]->checked_at ?? null,
        ], $rows);
    }
}
