<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Makes the runner check an entity now, even if the stored result is fresh; while it is
// unavailable, a job waits for it.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use MediaWiki\Extension\ConstraintRunner\Client\RunnerClient;
use MediaWiki\Extension\ConstraintRunner\HandOver\EntityJob;
use MediaWiki\Extension\ConstraintRunner\HandOver\HandOver;
use MediaWiki\Extension\ConstraintRunner\Store\Results;
use Wikibase\DataModel\Entity\EntityId;

class Recheck
{
    public const CHECKED = 'checked';
    public const WAITS = 'waits';
    public const MISSING = 'missing';

    public function __construct(
        private readonly Results $results,
        private readonly Freshness $freshness,
        private readonly RunnerClient $client,
        private readonly HandOver $handOver,
        private readonly int $deadlineMs
    ) {
    }

    /** @return string CHECKED: its new result is stored; WAITS: as a job; MISSING: no such entity */
    public function recheck(EntityId $entityId): string
    {
        $id = $entityId->getSerialization();
        $latest = $this->freshness->latestRevisions([$id])[$id];
        if ($latest === 0) {
            return self::MISSING;
        }
        $stored = $this->results->read([$id]) ?? [];
        $answer = $this->client->check(
            $id,
            $latest,
            isset($stored[$id]) ? $stored[$id]->checkedAt : '',
            $this->deadlineMs
        );
        if ($answer->isOk()) {
            return self::CHECKED;
        }
        $this->handOver->now([new EntityJob($id, $latest, 'high', reason: EntityJob::REQUEST)]);
        return self::WAITS;
    }
}
