<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Stores what WBQC itself computed, as the runner stores its own (src/store/result_upsert.cpp and
// pair_store.cpp): an older revision never overwrites a newer one, of two checks of one revision the
// one that began later stays, and pairs, dependencies and the event change with it, or nothing does.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Store;

use Wikimedia\Rdbms\IDatabase;

class ResultWriter
{
    private const ENGINE = 'php';
    private const CHANNEL = 'constraint_runner';

    public function __construct(
        private readonly Postgres $postgres,
        private readonly string $wiki
    ) {
    }

    /** To be taken before a check begins; null: the database is away. */
    public function nextCheck(): ?int
    {
        $number = $this->postgres->try(static fn (IDatabase $db) => (int)$db->query(
            "SELECT nextval('constraint_runner.check_number') AS n",
            __METHOD__
        )->fetchObject()->n);
        return $number;
    }

    /** @return bool Whether it is in the database now; false also for one that is outdated */
    public function store(NewResult $result): bool
    {
        return $this->postgres->try(function (IDatabase $db) use ($result): bool {
            $db->startAtomic(__METHOD__);
            $stored = $this->upsert($db, $result);
            if ($stored) {
                $this->updateViolations($db, $result);
                $this->updateDependencies($db, $result);
            }
            $db->endAtomic(__METHOD__);
            return $stored;
        }) ?? false;
    }

    private function upsert(IDatabase $db, NewResult $result): bool
    {
        $row = [
            'wiki' => $this->wiki,
            'entity' => $result->entity,
            'revision' => $result->revision,
            'check_number' => $result->checkNumber,
            'duration_us' => $result->durationUs,
            'tombstone' => 0,
            'engine' => self::ENGINE,
            'incomplete' => null,
            'value' => self::json($result->value),
        ];
        foreach (array_combine(Results::STATUSES, Results::countColumns()) as $status => $column) {
            $row[$column] = $result->counts[$status] ?? 0;
        }
        $set = ['checked_at = excluded.checked_at'];
        foreach (array_keys($row) as $column) {
            $set[] = "$column = excluded.$column";
        }
        $db->query(
            'INSERT INTO constraint_runner.entity_result AS r (' . implode(', ', array_keys($row))
                . ', checked_at) VALUES (' . $db->makeList($row, IDatabase::LIST_COMMA)
                . ', statement_timestamp()) ON CONFLICT (wiki, entity) DO UPDATE SET '
                . implode(', ', $set)
                . ' WHERE (excluded.revision, excluded.check_number) > (r.revision, r.check_number)',
            __METHOD__
        );
        return $db->affectedRows() > 0;
    }

    private function updateViolations(IDatabase $db, NewResult $result): void
    {
        $table = 'violation';
        $key = ['wiki' => $this->wiki, 'entity' => $result->entity];
        $before = [];
        $columns = ['statement', 'constraint_id', 'property', 'type', 'status', 'message_key'];
        $rows = $db->newSelectQueryBuilder()->select($columns)->from($table)->where($key)
            ->caller(__METHOD__)->fetchResultSet();
        foreach ($rows as $row) {
            $row = (array)$row;
            $row['property'] = (int)$row['property'];
            $before[self::pairKey($row)] = $row;
        }
        $after = [];
        foreach ($result->violations as $row) {
            $after[self::pairKey($row)] = $row;
        }
        $gone = array_diff_key($before, $after);
        $fresh = array_diff_key($after, $before);
        $changed = array_filter(
            array_intersect_key($after, $before),
            static fn (array $row) => $row != $before[self::pairKey($row)]
        );
        foreach ([...$gone, ...$changed] as $row) {
            $pair = ['statement' => $row['statement'], 'constraint_id' => $row['constraint_id']];
            $db->newDeleteQueryBuilder()->deleteFrom($table)->where($key + $pair)
                ->caller(__METHOD__)->execute();
        }
        $new = array_map(static fn (array $row) => $key + $row, [...$fresh, ...$changed]);
        if ($new !== []) {
            $db->newInsertQueryBuilder()->insertInto($table)->rows(array_values($new))
                ->caller(__METHOD__)->execute();
        }
        $turned = [];
        foreach ($changed as $pair => $row) {
            if ($row['status'] !== $before[$pair]['status'] || $row['type'] !== $before[$pair]['type']) {
                $turned[] = self::change($before[$pair], $row);
            }
        }
        if ($gone !== [] || $fresh !== [] || $turned !== []) {
            $this->announce($db, $result, $fresh, $gone, $turned);
        }
    }

    /** The event of the change, and a word to the runners. */
    private function announce(
        IDatabase $db,
        NewResult $result,
        array $fresh,
        array $gone,
        array $turned
    ): void {
        $db->query(
            'INSERT INTO constraint_runner.event (wiki, entity, revision, created_at, transaction,'
                . ' deleted, appeared, disappeared, changed) VALUES (' . $db->makeList([
                    $this->wiki,
                    $result->entity,
                    $result->revision,
                ], IDatabase::LIST_COMMA)
                . ', statement_timestamp(), pg_current_xact_id(), false, '
                . $db->addQuotes(self::json(array_map(self::pair(...), array_values($fresh)))) . ', '
                . $db->addQuotes(self::json(array_map(self::pair(...), array_values($gone)))) . ', '
                . $db->addQuotes(self::json($turned)) . ')',
            __METHOD__
        );
        $change = self::json([[$this->wiki, $result->entity, $result->revision]]);
        $db->query(
            'SELECT pg_notify(' . $db->addQuotes(self::CHANNEL) . ', ' . $db->addQuotes($change) . ')',
            __METHOD__
        );
    }

    private function updateDependencies(IDatabase $db, NewResult $result): void
    {
        $table = 'dependency';
        $key = ['wiki' => $this->wiki, 'entity' => $result->entity];
        $before = $db->newSelectQueryBuilder()->select(['depends_on', 'revision'])->from($table)
            ->where($key)->caller(__METHOD__)->fetchResultSet();
        $old = [];
        foreach ($before as $row) {
            $old[$row->depends_on] = (int)$row->revision;
        }
        $new = $result->value['latestRevisionIds'];
        $gone = array_keys(array_diff_assoc($old, $new));
        if ($gone !== []) {
            $db->newDeleteQueryBuilder()->deleteFrom($table)
                ->where($key + ['depends_on' => array_map('strval', $gone)])
                ->caller(__METHOD__)->execute();
        }
        $rows = [];
        foreach (array_diff_assoc($new, $old) as $id => $revision) {
            $rows[] = $key + ['depends_on' => (string)$id, 'revision' => $revision];
        }
        if ($rows !== []) {
            $db->newInsertQueryBuilder()->insertInto($table)->rows($rows)
                ->caller(__METHOD__)->execute();
        }
    }

    private static function pairKey(array $row): string
    {
        return $row['statement'] . "\n" . $row['constraint_id'];
    }

    /** As it stands in an event. */
    private static function pair(array $row): array
    {
        return [
            'statement' => $row['statement'],
            'constraint' => $row['constraint_id'],
            'property' => 'P' . $row['property'],
            'type' => $row['type'],
            'status' => $row['status'],
        ];
    }

    /** As it stands in an event: a pair that has another status or type now. */
    private static function change(array $before, array $after): array
    {
        $change = self::pair($after);
        unset($change['status']);
        $change += ['from' => $before['status'], 'to' => $after['status']];
        return $before['type'] === $after['type'] ? $change
            : $change + ['from_type' => $before['type']];
    }

    private static function json(array $value): string
    {
        return json_encode(
            $value,
            JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR
        );
    }
}
