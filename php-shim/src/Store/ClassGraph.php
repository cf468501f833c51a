<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// A class and all below it, as the runner keeps "subclass of" in class_edge. Every question is
// answered with bounded work, however general the class is, and ends where classes form a circle.
// LATERAL and OFFSET 0 have PostgreSQL go from class to class by the index: the steps are bounded,
// and a plan that reads a whole table is not.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Store;

use Wikimedia\Rdbms\IDatabase;

class ClassGraph
{
    /** Superclasses together, of all classes of one question. */
    private const MAX_ABOVE = 50000;

    /** @param bool $direct As if no class were below it */
    public function __construct(
        private readonly IDatabase $db,
        private readonly string $wiki,
        private readonly string $class,
        private readonly bool $direct
    ) {
    }

    /**
     * Entities that are an instance of one of the classes, in order, by merging the lists of those.
     * @param string $from The first entity that counts
     * @param int $maxClasses With more classes there is no answer
     * @param int $maxEntities No more than so many
     * @param int $maxRows Of all lists, about: with many classes there are fewer entities, but some
     * @return ?array{string[],bool} Entities, and whether there may be more; null: no answer
     */
    public function instances(string $from, int $maxClasses, int $maxEntities, int $maxRows): ?array
    {
        $wiki = $this->db->addQuotes($this->wiki);
        $from = $this->db->addQuotes($from);
        $all = $maxClasses + 1;
        // one row is the number of classes, and how many entities are asked for
        $found = $this->read(
            "WITH RECURSIVE below(class) AS ({$this->below()}),
                known AS MATERIALIZED (SELECT class FROM below LIMIT $all),
                counted AS MATERIALIZED (SELECT count(*) AS classes,
                    greatest(100, least($maxEntities, $maxRows / count(*))) AS wanted FROM known)
            (SELECT classes::text AS entity, wanted FROM counted)
            UNION ALL
            (SELECT DISTINCT list.entity, 0 FROM known, LATERAL (
                SELECT c.entity FROM constraint_runner.violation_class c
                WHERE c.wiki = $wiki AND c.class = known.class AND c.entity >= $from
                ORDER BY c.entity LIMIT (SELECT wanted FROM counted)) AS list
            WHERE (SELECT classes FROM counted) <= $maxClasses
            ORDER BY list.entity LIMIT (SELECT wanted FROM counted))",
            __METHOD__
        );
        $entities = [];
        foreach ($found as $row) {
            if ($row->wanted > 0) {
                [$classes, $wanted] = [(int)$row->entity, (int)$row->wanted];
            } else {
                $entities[] = $row->entity;
            }
        }
        return $classes > $maxClasses ? null : [$entities, count($entities) >= $wanted];
    }

    /**
     * Which of these classes are the class or below it.
     * @param string[] $classes Different ones
     * @return array<string,true>
     */
    public function among(array $classes): array
    {
        $below = [];
        if ($classes !== [] && !$this->direct) {
            $wiki = $this->db->addQuotes($this->wiki);
            $list = $this->db->makeList($classes, IDatabase::LIST_COMMA);
            $above = self::MAX_ABOVE;
            $up = "LATERAL (SELECT e.class, e.superclass FROM constraint_runner.class_edge e
                WHERE e.wiki = $wiki AND e.class = a.class OFFSET 0) AS up";
            $edges = $this->read(
                "WITH RECURSIVE above(class) AS (
                    SELECT unnest(ARRAY[$list]) COLLATE \"C\"
                    UNION SELECT up.superclass FROM above a, $up)
                SELECT up.class, up.superclass
                FROM (SELECT class FROM above LIMIT $above) AS a, $up",
                __METHOD__
            );
            foreach ($edges as $edge) {
                $below[$edge->superclass][] = $edge->class;
            }
        }
        $found = [$this->class => true];
        for ($open = [$this->class]; $open !== [];) {
            foreach ($below[array_pop($open)] ?? [] as $class) {
                if (!isset($found[$class])) {
                    $found[$class] = true;
                    $open[] = $class;
                }
            }
        }
        return array_intersect_key($found, array_flip($classes));
    }

    /** SQL for the class and, one after another, those below it. */
    private function below(): string
    {
        $start = "SELECT {$this->db->addQuotes($this->class)} COLLATE \"C\"";
        return $this->direct ? $start : "$start UNION SELECT down.class FROM below b, LATERAL (
            SELECT e.class FROM constraint_runner.class_edge e
            WHERE e.wiki = {$this->db->addQuotes($this->wiki)} AND e.superclass = b.class
            OFFSET 0) AS down";
    }

    private function read(string $sql, string $caller): array
    {
        return iterator_to_array($this->db->query($sql, $caller, IDatabase::QUERY_CHANGE_NONE), false);
    }
}
