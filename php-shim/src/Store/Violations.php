<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// The work list: violation pairs of this wiki in the order of their keys, page by page. A page costs
// the same however far down the list it is: each filter has its index (migration 0009).

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
        $conditions = ['v.wiki' => $this->wiki];
        foreach ($filter->toConditions() as $column => $value) {
            $conditions["v.$column"] = $value;
        }
        $cursor = $after === null ? null : explode(self::SEPARATOR, $after);
        $query = $db->newSelectQueryBuilder()
            ->select([
                'entity' => 'v.entity', 'v.statement', 'constraint' => 'v.constraint_id', 'v.property',
                'v.type', 'v.status', 'message' => 'v.message_key',
            ])
            ->from('violation', 'v')
            ->where($conditions)
            ->limit($limit + 1)
            ->caller(__METHOD__);
        $entity = 'v.entity';
        if ($filter->class !== null) {
            // in the order of the entities of the class: no more of them are looked at than shown
            $entity = 'c.entity';
            $query->join('violation_class', 'c', ['c.wiki = v.wiki', 'c.entity = v.entity'])
                ->andWhere(['c.wiki' => $this->wiki, 'c.class' => $filter->class]);
            if ($cursor !== null) {
                $query->andWhere($db->expr('c.entity', '>=', $cursor[0]));
            }
        }
        $query->orderBy([$entity, 'v.statement', 'v.constraint_id']);
        if ($cursor !== null) {
            // a comparison of rows, which the index can answer; three ORs could not be
            $query->andWhere('(v.entity, v.statement, v.constraint_id) > ('
                . $db->makeList($cursor, IDatabase::LIST_COMMA) . ')');
        }
        $rows = [];
        foreach ($query->fetchResultSet() as $row) {
            $row = (array)$row;
            $row['property'] = 'P' . $row['property'];
            $rows[] = $row;
        }
        $more = count($rows) > $limit;
        $rows = array_slice($rows, 0, $limit);
        $last = end($rows);
        return new ViolationPage(
            $this->withChecks($db, $rows),
            $more ? implode(
                self::SEPARATOR,
                [$last['entity'], $last['statement'], $last['constraint']]
            ) : null
        );
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
                'checked_at' => "to_char(checked_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
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
