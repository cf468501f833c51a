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
     * @return array{array[],?string[]} Rows, and the key to go on after when there are more
     */
    public function page(
        ?array $after,
        int $limit,
        ?array $entities = null,
        ?array $upTo = null
    ): array {
        if ($entities === []) {
            return [[], null];
        }
        $query = $this->query($after, $upTo)
            ->select([
                'entity' => 'v.entity', 'v.statement', 'constraint' => 'v.constraint_id', 'v.property',
                'v.type', 'v.status', 'message' => 'v.message_key',
            ])
            ->orderBy(self::KEY)
            ->limit($limit + 1)
            ->caller(__METHOD__);
        if ($entities !== null) {
            $query->andWhere(['v.entity' => $entities]);
        }
        $rows = [];
        foreach ($query->fetchResultSet() as $row) {
            $rows[] = (array)$row;
        }
        if (count($rows) <= $limit) {
            return [$rows, null];
        }
        array_pop($rows);
        $last = end($rows);
        return [$rows, [$last['entity'], $last['statement'], $last['constraint']]];
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
