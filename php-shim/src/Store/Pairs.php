<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Violation pairs in the order of their keys, of those that a filter lets through; what the filter
// says of classes is not looked at here. A key is [entity, statement, constraint].

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Store;

use Wikimedia\Rdbms\IDatabase;
use Wikimedia\Rdbms\SelectQueryBuilder;

class Pairs
{
    private const ENTITIES_AT_ONCE = 500;
    private const KEY = ['v.entity', 'v.statement', 'v.constraint_id'];

    public function __construct(
        private readonly IDatabase $db,
        private readonly string $wiki,
        private readonly ViolationFilter $filter
    ) {
    }

    /** Whether few pairs may be enough to look through. */
    public function isFiltered(): bool
    {
        return $this->filter->toConditions() !== [];
    }

    /**
     * @param ?string[] $after A key
     * @param ?string[] $entities Only of these
     * @param ?string[] $upTo The last key that counts
     * @return array{array[],?string[]} Rows, and the key to continue after when there are more
     */
    public function page(
        ?array $after,
        int $limit,
        ?array $entities = null,
        ?array $upTo = null
    ): array {
        $query = $this->query($after, $upTo)->select([
            'entity' => 'v.entity', 'v.statement', 'constraint' => 'v.constraint_id', 'v.property',
            'v.type', 'v.status', 'message' => 'v.message_key', 'v.own', 'v.fix', 'v.own_status',
        ]);
        if ($entities === null) {
            $found = $query->orderBy(self::KEY)->limit($limit + 1)->caller(__METHOD__)->fetchResultSet();
            $rows = array_map(static fn (object $row) => (array)$row, iterator_to_array($found, false));
        } else {
            $rows = $this->ofEntities($query, $entities, $limit + 1);
        }
        if (count($rows) <= $limit) {
            return [$rows, null];
        }
        array_splice($rows, $limit);
        $last = end($rows);
        return [$rows, [$last['entity'], $last['statement'], $last['constraint']]];
    }

    /**
     * Entity by entity (LATERAL, OFFSET 0), some at a time: given all of them, PostgreSQL might prefer
     * to read the whole table in the order of its key until it meets the first ones.
     * @param string[] $entities
     * @return array[]
     */
    private function ofEntities(SelectQueryBuilder $query, array $entities, int $limit): array
    {
        sort($entities, SORT_STRING); // as the column is
        $pairs = $query->andWhere('v.entity = e.entity COLLATE "C"')->caller(__METHOD__)->getSQL();
        $rows = [];
        foreach (array_chunk($entities, self::ENTITIES_AT_ONCE) as $some) {
            $list = $this->db->makeList($some, IDatabase::LIST_COMMA);
            $left = $limit - count($rows);
            $found = $this->db->query(
                "SELECT p.* FROM unnest(ARRAY[$list]) AS e(entity), LATERAL ($pairs OFFSET 0) AS p
                ORDER BY p.entity, p.statement, p.\"constraint\" LIMIT $left",
                __METHOD__,
                IDatabase::QUERY_CHANGE_NONE
            );
            foreach ($found as $row) {
                $rows[] = (array)$row;
            }
            if (count($rows) >= $limit) {
                break;
            }
        }
        return $rows;
    }

    /** @return ?string[] The key of the pair so many pairs after that one; null: there are fewer */
    public function keyAhead(?array $after, int $count): ?array
    {
        $row = $this->query($after, null)
            ->select(self::KEY)
            ->orderBy(self::KEY)
            ->offset($count - 1)
            ->limit(1)
            ->caller(__METHOD__)
            ->fetchRow();
        return $row === false ? null : [$row->entity, $row->statement, $row->constraint_id];
    }

    /** @return array<string,string[]> The direct classes of the entities of a stretch of pairs, in order */
    public function classes(?array $after, ?array $upTo): array
    {
        $entities = $this->query($after, $upTo)
            ->distinct()
            ->select('v.entity')
            ->orderBy('v.entity')
            ->caller(__METHOD__)
            ->getSQL();
        // OFFSET 0: entity by entity, where PostgreSQL might prefer to read the whole table
        $found = $this->db->query(
            "SELECT e.entity, c.class FROM ($entities) AS e, LATERAL (
                SELECT class FROM constraint_runner.violation_class
                WHERE wiki = {$this->db->addQuotes($this->wiki)} AND entity = e.entity OFFSET 0) AS c
            ORDER BY e.entity",
            __METHOD__,
            IDatabase::QUERY_CHANGE_NONE
        );
        $classes = [];
        foreach ($found as $row) {
            $classes[$row->entity][] = $row->class;
        }
        return $classes;
    }

    private function query(?array $after, ?array $upTo): SelectQueryBuilder
    {
        $conditions = ['v.wiki' => $this->wiki];
        foreach ($this->filter->toConditions() as $column => $value) {
            $conditions["v.$column"] = $value;
        }
        $query = $this->db->newSelectQueryBuilder()->from('violation', 'v')->where($conditions);
        // comparisons of rows, which an index can answer; three ORs could not be
        $key = '(' . implode(', ', self::KEY) . ')';
        if ($after !== null) {
            $query->andWhere("$key > (" . $this->db->makeList($after, IDatabase::LIST_COMMA) . ')');
        }
        if ($upTo !== null) {
            $query->andWhere("$key <= (" . $this->db->makeList($upTo, IDatabase::LIST_COMMA) . ')');
        }
        return $query;
    }
}
