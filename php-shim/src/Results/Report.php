<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// The stored report of an entity, and whether it is fresh.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use MediaWiki\Extension\ConstraintRunner\Store\StoredResult;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\CheckResult;

final class Report
{
    /** @param CheckResult[] $results Of the statuses that are stored, without null results */
    public function __construct(
        public readonly StoredResult $stored,
        public readonly array $results,
        public readonly bool $isFresh
    ) {
    }
}
