<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// A result that WBQC itself computed, ready to be stored.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Store;

final class NewResult
{
    /**
     * @param int $checkNumber From ResultWriter::nextCheck(), taken before checking began
     * @param int[] $counts By status
     * @param array $value What WBQC would cache
     * @param array[] $violations Rows of the table violation, without wiki and entity, one for a pair
     *  of statement and constraint, keyed by both
     */
    public function __construct(
        public readonly string $entity,
        public readonly int $revision,
        public readonly int $checkNumber,
        public readonly int $durationUs,
        public readonly array $counts,
        public readonly array $value,
        public readonly array $violations
    ) {
    }
}
