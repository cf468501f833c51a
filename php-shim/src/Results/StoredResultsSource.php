<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Replaces WBQC's results service. Requested results (by entities, statements, constraints,
// statuses) come from the store while they are fresh; else the runner checks, and if it can't in
// time, WBQC, and the runner gets a job. Without PostgreSQL it works as WBQC does. It must be a
// CachingResultsSource: WBQC's job and its RDF action require that.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use MediaWiki\Extension\ConstraintRunner\Store\Results;
use Wikibase\DataModel\Entity\EntityId;
use Wikibase\DataModel\Entity\EntityIdParser;
use Wikibase\DataModel\Entity\EntityIdParsingException;
use WikibaseQuality\ConstraintReport\Api\CachingResultsSource;
use WikibaseQuality\ConstraintReport\Api\ResultsSource;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Cache\CachedCheckResults;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Cache\Metadata;

class StoredResultsSource extends CachingResultsSource
{
    /**
     * @param ResultsSource $wbqc What was the service before
     * @param array $parent Arguments of CachingResultsSource, for what else it may offer
     */
    public function __construct(
        private readonly ResultsSource $wbqc,
        private readonly EntityReports $reports,
        private readonly ReaderJobs $jobs,
        private readonly EntityIdParser $idParser,
        array $parent
    ) {
        parent::__construct(...$parent);
    }

    /**
     * @param EntityId[] $entityIds
     * @param string[] $claimIds
     * @param string[]|null $constraintIds
     * @param string[] $statuses
     * @return CachedCheckResults
     */
    public function getResults(
        array $entityIds,
        array $claimIds,
        ?array $constraintIds,
        array $statuses
    ) {
        // none at all, or unknown ones: WBQC answers with what was checked, without results
        $statuses = array_values(array_intersect($statuses, Results::STATUSES));
        if (array_diff($statuses, self::CACHED_STATUSES) !== []) {
            return $this->ofAllStatuses($entityIds, $claimIds, $constraintIds, $statuses);
        }
        $asked = $this->entitiesOf($entityIds, $claimIds);
        $reports = $asked === null ? null : $this->reports->get($asked);
        if ($reports === null) {
            return $this->wbqc->getResults($entityIds, $claimIds, $constraintIds, $statuses);
        }
        $selection = new Selection($constraintIds, $statuses);
        $results = [];
        $metadata = [];
        foreach ($entityIds as $entityId) {
            $report = $reports[$entityId->getSerialization()];
            $results[] = $selection->ofEntity($report->getArray());
            $metadata[] = $report->getMetadata();
        }
        foreach ($claimIds as $claimId) {
            $report = $reports[$this->entityOf($claimId)->getSerialization()];
            $results[] = $selection->ofStatement($report->getArray(), $claimId);
            $metadata[] = $report->getMetadata();
        }
        return new CachedCheckResults(array_merge(...$results), Metadata::merge($metadata));
    }

    /**
     * Without checking anything: what the RDF action gives out.
     * @param int $forRevision 0: the current one
     * @return CachedCheckResults|null
     */
    public function getStoredResults(EntityId $entityId, $forRevision = 0)
    {
        $stored = $this->reports->stored([$entityId], (int)$forRevision);
        if ($stored === null) {
            return $this->wbqc instanceof CachingResultsSource
                ? $this->wbqc->getStoredResults($entityId, $forRevision) : null;
        }
        return $stored[$entityId->getSerialization()] ?? null;
    }

    /** @inheritDoc */
    public function getAndStoreResults(
        array $entityIds,
        array $claimIds,
        ?array $constraintIds,
        array $statuses
    ) {
        return $this->getResults($entityIds, $claimIds, $constraintIds, $statuses);
    }

    /** Statuses that are not stored need a check by WBQC. */
    private function ofAllStatuses(
        array $entityIds,
        array $claimIds,
        ?array $constraintIds,
        array $statuses
    ): CachedCheckResults {
        if ($constraintIds === null) {
            foreach ($entityIds as $entityId) {
                $this->jobs->unread($entityId->getSerialization());
            }
        }
        return $this->wbqc->getResults($entityIds, $claimIds, $constraintIds, $statuses);
    }

    /**
     * @return EntityId[]|null null: a claim ID of no entity, which WBQC shall see itself
     */
    private function entitiesOf(array $entityIds, array $claimIds): ?array
    {
        $asked = [];
        foreach ($entityIds as $id) {
            $asked[$id->getSerialization()] = $id;
        }
        foreach ($claimIds as $claimId) {
            $id = $this->entityOf($claimId);
            if ($id === null) {
                return null;
            }
            $asked[$id->getSerialization()] = $id;
        }
        return array_values($asked);
    }

    private function entityOf(string $claimId): ?EntityId
    {
        try {
            return $this->idParser->parse((string)strstr($claimId, '$', true));
        } catch (EntityIdParsingException) {
            return null;
        }
    }
}
