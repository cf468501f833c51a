<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Stored results of some entities, and which of them are fresh.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use MediaWiki\Extension\ConstraintRunner\Store\StoredResult;

final class ReadResults
{
    /**
     * @param StoredResult[] $stored By ID: what there is
     * @param int[] $latest By ID: latest revisions of all that was asked for and of all dependencies;
     *  0: missing or a redirect
     * @param StoredResult[] $fresh By ID: what holds, its latestRevisionIds as the wiki has them now
     */
    public function __construct(
        public readonly array $stored,
        public readonly array $latest,
        public readonly array $fresh
    ) {
    }
}
