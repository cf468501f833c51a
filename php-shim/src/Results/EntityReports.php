<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// The results of whole entities: from the store while they hold, else from the runner, else from
// WBQC. One question to PostgreSQL and one to the wiki's database for all that is asked at once.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use MediaWiki\Extension\ConstraintRunner\Client\RunnerClient;
use MediaWiki\Extension\ConstraintRunner\Store\Results;
use MediaWiki\Extension\ConstraintRunner\Store\StoredResult;
use Wikibase\DataModel\Entity\EntityId;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Cache\CachedCheckResults;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\CheckResult;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\NullResult;

class EntityReports
{
    public function __construct(
        private readonly Results $results,
        private readonly Freshness $freshness,
        private readonly ResultDecoder $decoder,
        private readonly RunnerClient $client,
        private readonly PhpCheck $phpCheck,
        private readonly int $deadlineMs
    ) {
    }

    /**
     * @param EntityId[] $entityIds
     * @return CachedCheckResults[]|null By ID, all of them; null: the database is away
     */
    public function get(array $entityIds): ?array
    {
        $ids = self::serialize($entityIds);
        $stored = $this->results->read($ids);
        if ($stored === null) {
            return null;
        }
        $latest = $this->latest($stored, $ids);
        $fresh = $this->freshness->fresh($stored, $latest);
        $fresh += $this->checkedNow(array_diff($ids, array_keys($fresh)), $stored, $latest);
        $reports = [];
        foreach ($entityIds as $entityId) {
            $id = $entityId->getSerialization();
            $reports[$id] = isset($fresh[$id])
                ? $this->decoder->decode($fresh[$id]) : $this->phpCheck->check($entityId);
        }
        return $reports;
    }

    /**
     * Without checking anything.
     * @param EntityId[] $entityIds
     * @param int $revision Results of this one only; 0: of the current one
     * @return CachedCheckResults[]|null By ID, those that hold; null: the database is away
     */
    public function stored(array $entityIds, int $revision = 0): ?array
    {
        $ids = self::serialize($entityIds);
        $stored = $this->results->read($ids);
        if ($stored === null) {
            return null;
        }
        $fresh = array_filter(
            $this->freshness->fresh($stored, $this->latest($stored, $ids)),
            static fn (StoredResult $result) => $revision <= 0 || $result->revision <= $revision
        );
        return array_map($this->decoder->decode(...), $fresh);
    }

    /**
     * What is stored, fresh or not; checked now when there is nothing.
     * @return ?Report null: nothing could be stored
     */
    public function report(EntityId $entityId): ?Report
    {
        $id = $entityId->getSerialization();
        $stored = $this->results->read([$id]);
        if ($stored === []) {
            $this->get([$entityId]);
            $stored = $this->results->read([$id]);
        }
        if (!isset($stored[$id])) {
            return null;
        }
        return new Report(
            $stored[$id],
            array_values(array_filter(
                $this->decoder->decode($stored[$id])->getArray(),
                static fn (CheckResult $result) => !$result instanceof NullResult
            )),
            $this->freshness->fresh($stored, $this->latest($stored, [$id])) !== []
        );
    }

    /**
     * By the runner, as far as it can in time.
     * @param string[] $ids
     * @param StoredResult[] $stale What was stored
     * @param int[] $latest
     * @return StoredResult[] By ID
     */
    private function checkedNow(array $ids, array $stale, array $latest): array
    {
        $end = microtime(true) + $this->deadlineMs / 1000;
        $checked = [];
        foreach ($ids as $id) {
            $left = (int)(($end - microtime(true)) * 1000);
            if ($left <= 0 || !$this->client->isWorthTrying()) {
                break;
            }
            if ($latest[$id] === 0) {
                continue; // missing or a redirect: not for the runner
            }
            $otherThan = isset($stale[$id]) ? $stale[$id]->checkedAt : '';
            $answer = $this->client->check($id, $latest[$id], $otherThan, $left);
            if ($answer->isOk()) {
                $checked[] = $id;
            }
        }
        // read again, not taken from the answer: what is stored by now may be newer
        $stored = $checked === [] ? [] : $this->results->read($checked) ?? [];
        return $this->freshness->fresh($stored, $this->latest($stored, $checked));
    }

    /** @return int[] */
    private function latest(array $stored, array $ids): array
    {
        return $this->freshness->latestRevisions(
            array_unique([...$ids, ...Freshness::dependencies($stored)])
        );
    }

    /**
     * @param EntityId[] $entityIds
     * @return string[]
     */
    private static function serialize(array $entityIds): array
    {
        return array_map(static fn (EntityId $id) => $id->getSerialization(), $entityIds);
    }
}
