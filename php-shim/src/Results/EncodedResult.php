<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// WBQC's result for an entity, in the form in which the runner stores results: the response of a
// PHP worker.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

final class EncodedResult
{
    /**
     * @param int[] $counts By status
     * @param array $value What WBQC would cache
     * @param array[] $violations Rows of the table violation, without wiki and entity, one for a pair
     *  of statement and constraint
     */
    public function __construct(
        public readonly int $revision,
        public readonly int $durationUs,
        public readonly array $counts,
        public readonly array $value,
        public readonly array $violations
    ) {
    }
}
