<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// A check by WBQC itself, whose result is stored like one of the runner.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use MediaWiki\Extension\ConstraintRunner\Store\Results;
use MediaWiki\Extension\ConstraintRunner\Store\ResultWriter;
use Wikibase\DataModel\Entity\EntityId;
use WikibaseQuality\ConstraintReport\Api\ResultsSource;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Cache\CachedCheckResults;

class PhpCheck
{
    public function __construct(
        private readonly ResultsSource $wbqc,
        private readonly ResultWriter $writer,
        private readonly ResultEncoder $encoder,
        private readonly Freshness $freshness,
        private readonly Links $links
    ) {
    }

    /** Results of every status. Throws what WBQC throws, and nothing else. */
    public function check(EntityId $entityId): CachedCheckResults
    {
        $id = $entityId->getSerialization();
        $number = $this->writer->nextCheck();
        $before = $this->freshness->latestRevisions([$id])[$id];
        $begin = hrtime(true);
        $results = $this->wbqc->getResults([$entityId], [], null, Results::STATUSES);
        $duration = intdiv(hrtime(true) - $begin, 1000);
        if ($number === null || $before === 0) {
            return $results;
        }
        $dependencies = [$id];
        foreach ($results->getMetadata()->getDependencyMetadata()->getEntityIds() as $dependency) {
            $dependencies[] = $dependency->getSerialization();
        }
        $links = $this->links->of($entityId);
        $revisions = $this->freshness->latestRevisions(array_unique([...$dependencies, ...$links]));
        $missing = array_filter($revisions, static fn (int $revision) => $revision === 0);
        $revisions = array_intersect_key($revisions, array_flip($dependencies)) + $missing;
        if ($revisions[$id] === $before) { // else it was edited meanwhile, and which was checked?
            $this->writer->store(
                $this->encoder->encode($id, $results, $revisions, $number, $duration)
            );
        }
        return $results;
    }
}
