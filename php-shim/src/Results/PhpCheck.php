<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// A check by WBQC itself, whose result is stored like one of the runner.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use MediaWiki\Extension\ConstraintRunner\Store\ResultWriter;
use Wikibase\DataModel\Entity\EntityId;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Cache\CachedCheckResults;

class PhpCheck
{
    public function __construct(
        private readonly WbqcCheck $check,
        private readonly ResultWriter $writer
    ) {
    }

    /** Results of every status. Throws what WBQC throws, and nothing else. */
    public function check(EntityId $entityId): CachedCheckResults
    {
        [$results, $stored] = $this->check->check($entityId, $this->writer->nextCheck());
        if ($stored !== null) {
            $this->writer->store($stored);
        }
        return $results;
    }
}
