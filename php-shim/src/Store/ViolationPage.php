<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// A page of the work list.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Store;

final class ViolationPage
{
    /**
     * @param array[] $rows Each with entity, statement, constraint, property, type, status, message,
     *  revision and checked_at (2026-11-21T18:20:00Z)
     * @param ?string $next The cursor of the next page; null: this is the last one. There may be
     *  one after fewer rows than were asked for, even after none: so far has been looked.
     */
    public function __construct(
        public readonly array $rows,
        public readonly ?string $next
    ) {
    }
}
