<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Checks an entity now because somebody wants it, however fresh the stored result is.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use MediaWiki\Extension\ConstraintRunner\Client\RunnerClient;
use MediaWiki\Extension\ConstraintRunner\Store\Results;
use Wikibase\DataModel\Entity\EntityId;

class Recheck
{
    public function __construct(
        private readonly Results $results,
        private readonly Freshness $freshness,
        private readonly RunnerClient $client,
        private readonly PhpCheck $phpCheck,
        private readonly int $deadlineMs
    ) {
    }

    /** @return string Who checked: runner or php; missing: there is no such entity */
    public function recheck(EntityId $entityId): string
    {
        $id = $entityId->getSerialization();
        $latest = $this->freshness->latestRevisions([$id])[$id];
        if ($latest === 0) {
            return 'missing';
        }
        $stored = $this->results->read([$id]) ?? [];
        $answer = $this->client->check(
            $id,
            $latest,
            isset($stored[$id]) ? $stored[$id]->checkedAt : '',
            $this->deadlineMs
        );
        if ($answer->isOk()) {
            return 'runner';
        }
        $this->phpCheck->check($entityId);
        return 'php';
    }
}
