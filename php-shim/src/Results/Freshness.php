<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Whether stored results are fresh by WBQC's rule (CachingResultsSource::checkDependencyMetadata),
// for many results at once. Unlike there, the order and the types of the revision numbers do not
// matter, and an entity that was missing or a redirect when it was checked, and still is, does not
// make the result stale: WBQC never stores such a result, the runner does, with revision 0.
// FreshResults adds the store's own data on dependencies.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use DataValues\TimeValue;
use MediaWiki\Extension\ConstraintRunner\Store\StoredResult;
use Throwable;
use Wikibase\DataModel\Entity\EntityId;
use Wikibase\DataModel\Entity\EntityIdParser;
use Wikibase\DataModel\Entity\EntityIdParsingException;
use Wikibase\Lib\Store\LookupConstants;
use Wikibase\Lib\Store\Sql\WikiPageEntityMetaDataAccessor;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Helper\TimeValueComparer;

class Freshness
{
    private const BATCH = 500;

    public function __construct(
        private readonly WikiPageEntityMetaDataAccessor $metaData,
        private readonly EntityIdParser $idParser,
        private readonly TimeValueComparer $timeComparer
    ) {
    }

    /**
     * @param string[] $ids Of entities, valid or not
     * @return int[] By ID: the latest revision; 0: missing, a redirect or of no known type
     */
    public function latestRevisions(array $ids): array
    {
        $latest = [];
        $parsed = [];
        foreach ($ids as $id) {
            $latest[$id] = 0;
            try {
                $parsed[$id] = $this->idParser->parse((string)$id);
            } catch (EntityIdParsingException) {
                // of an entity type that this wiki does not have
            }
        }
        foreach (array_chunk($parsed, self::BATCH) as $batch) {
            foreach ($this->load($batch) as $id => $revision) {
                $latest[$id] = (int)$revision;
            }
        }
        return $latest;
    }

    /**
     * @param int[] $latest From latestRevisions(), of all dependencies
     * @return string[] Dependencies whose latest revision is not the one that was checked
     */
    public static function changed(StoredResult $result, array $latest): array
    {
        $changed = [];
        foreach ($result->value['latestRevisionIds'] as $id => $revision) {
            if (($latest[$id] ?? 0) !== (int)$revision) {
                $changed[] = (string)$id;
            }
        }
        return $changed;
    }

    /** Whether a time that was in the future when the entity was checked still is. */
    public function isInTime(StoredResult $result): bool
    {
        return !isset($result->value['futureTime']) || $this->timeComparer->isFutureTime(
            TimeValue::newFromArray($result->value['futureTime'])
        );
    }

    /**
     * @param StoredResult[] $stored
     * @return string[]
     */
    public static function dependencies(array $stored): array
    {
        $ids = [];
        foreach ($stored as $result) {
            $ids += $result->value['latestRevisionIds'];
        }
        return array_map('strval', array_keys($ids));
    }

    /** @param EntityId[] $ids */
    private function load(array $ids): array
    {
        if ($ids === []) {
            return [];
        }
        try {
            return $this->metaData->loadLatestRevisionIds(
                $ids,
                LookupConstants::LATEST_FROM_REPLICA
            );
        } catch (Throwable $error) {
            if (count($ids) === 1) {
                return []; // of another source than this wiki
            }
            return array_merge(...array_map(fn ($id) => $this->load([$id]), $ids));
        }
    }
}
