<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// A check by WBQC itself for a runner that asks a PHP worker, and its result in the form in which
// the runner stores results.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use MediaWiki\Extension\ConstraintRunner\Store\Results;
use Wikibase\DataModel\Entity\EntityId;
use WikibaseQuality\ConstraintReport\Api\ResultsSource;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Cache\CachedCheckResults;

class WbqcCheck
{
    public function __construct(
        private readonly ResultsSource $wbqc,
        private readonly ResultEncoder $encoder,
        private readonly Freshness $freshness,
        private readonly Links $links
    ) {
    }

    /**
     * Throws what WBQC throws, and nothing else.
     * @param string[]|null $constraintIds Of these alone; null: of all
     * @return array{CachedCheckResults,?EncodedResult} Results of every status; no second part when
     *  there is no such entity, or it was edited meanwhile
     */
    public function check(EntityId $entityId, ?array $constraintIds = null): array
    {
        $id = $entityId->getSerialization();
        $before = $this->freshness->latestRevisions([$id])[$id];
        $begin = hrtime(true);
        $results = $this->wbqc->getResults([$entityId], [], $constraintIds, Results::STATUSES);
        $duration = intdiv(hrtime(true) - $begin, 1000);
        if ($before === 0) {
            return [$results, null];
        }
        $dependencies = [$id];
        foreach ($results->getMetadata()->getDependencyMetadata()->getEntityIds() as $dependency) {
            $dependencies[] = $dependency->getSerialization();
        }
        $links = $this->links->of($entityId);
        $revisions = $this->freshness->latestRevisions(array_unique([...$dependencies, ...$links]));
        $missing = array_filter($revisions, static fn (int $revision) => $revision === 0);
        $revisions = array_intersect_key($revisions, array_flip($dependencies)) + $missing;
        if ($revisions[$id] !== $before) { // it was edited meanwhile, and which was checked?
            return [$results, null];
        }
        return [$results, $this->encoder->encode($id, $results, $revisions, $duration)];
    }
}
