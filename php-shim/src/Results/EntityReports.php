<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// The results of whole entities: from the store while they are fresh, else from the runner, else
// from WBQC. One query to PostgreSQL and one to the wiki's database for all entities of a request.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use MediaWiki\Extension\ConstraintRunner\Client\RunnerClient;
use MediaWiki\Extension\ConstraintRunner\Store\Results;
use MediaWiki\Extension\ConstraintRunner\Store\StoredResult;
use Wikibase\DataModel\Entity\EntityId;
use WikibaseQuality\ConstraintReport\Api\ResultsSource;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Cache\CachedCheckResults;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\CheckResult;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\NullResult;

class EntityReports
{
    /** @param ResultsSource $wbqc WBQC's own check, of no cache */
    public function __construct(
        private readonly FreshResults $freshResults,
        private readonly ResultDecoder $decoder,
        private readonly RunnerClient $client,
        private readonly ResultsSource $wbqc,
        private readonly ReaderJobs $jobs,
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
        $read = $this->freshResults->read($ids);
        if ($read === null) {
            return null;
        }
        $fresh = $read->fresh + $this->checkedNow(array_diff($ids, array_keys($read->fresh)), $read);
        $reports = [];
        foreach ($entityIds as $entityId) {
            $id = $entityId->getSerialization();
            if (isset($fresh[$id])) {
                $reports[$id] = $this->decoder->decode($fresh[$id]);
            } else {
                $this->jobs->missing($id, $read->latest[$id]); // also when WBQC throws
                $reports[$id] = $this->wbqc->getResults([$entityId], [], null, Results::STATUSES);
            }
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
        $read = $this->freshResults->read(self::serialize($entityIds));
        if ($read === null) {
            return null;
        }
        $fresh = array_filter(
            $read->fresh,
            static fn (StoredResult $result) => $revision <= 0 || $result->revision <= $revision
        );
        return array_map($this->decoder->decode(...), $fresh);
    }

    /**
     * The stored result, fresh or not; checked by the runner if there is none.
     * @return ?Report null: there is no stored result
     */
    public function report(EntityId $entityId): ?Report
    {
        $id = $entityId->getSerialization();
        $read = $this->freshResults->read([$id]);
        if ($read === null) {
            return null;
        }
        $fresh = isset($read->fresh[$id]);
        $stored = $read->fresh[$id] ?? $read->stored[$id] ?? null;
        if ($stored === null) {
            $stored = $this->checkedNow([$id], $read)[$id] ?? null;
            $fresh = true;
        }
        if ($stored === null) {
            $this->jobs->missing($id, $read->latest[$id]);
            return null;
        }
        return new Report(
            $stored,
            array_values(array_filter(
                $this->decoder->decode($stored)->getArray(),
                static fn (CheckResult $result) => !$result instanceof NullResult
            )),
            $fresh
        );
    }

    /**
     * By the runner, as far as it can in time.
     * @param string[] $ids
     * @return StoredResult[] By ID
     */
    private function checkedNow(array $ids, ReadResults $read): array
    {
        $end = microtime(true) + $this->deadlineMs / 1000;
        $checked = [];
        foreach ($ids as $id) {
            $left = (int)(($end - microtime(true)) * 1000);
            if ($left <= 0 || !$this->client->isWorthTrying()) {
                break;
            }
            if ($read->latest[$id] === 0) {
                continue; // missing or a redirect: not for the runner
            }
            $otherThan = isset($read->stored[$id]) ? $read->stored[$id]->checkedAt : '';
            $answer = $this->client->check($id, $read->latest[$id], $otherThan, $left);
            if ($answer->isOk()) {
                $checked[] = $id;
            }
        }
        // read again, not taken from the answer: what is stored by now may be newer
        return $checked === [] ? [] : $this->freshResults->read($checked)?->fresh ?? [];
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
