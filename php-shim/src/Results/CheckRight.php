<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Permission to have an entity checked: by WBQC's rights, if this version of WBQC has them
// (otherwise everyone), within the rate limit.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use MediaWiki\Permissions\Authority;
use MediaWiki\Permissions\PermissionManager;
use MediaWiki\User\User;

class CheckRight
{
    /** Of WBQC: to use its API, and Special:ConstraintReport. Both are needed. */
    public const RIGHTS = ['wbqc-check-constraints', 'wbqc-check-constraints-uncached'];
    public const LIMIT = 'constraintrunner-check';

    public function __construct(private readonly PermissionManager $permissions)
    {
    }

    public function isAllowed(Authority $authority): bool
    {
        return $this->missing($authority) === null;
    }

    /** @return ?string The right that is missing; null: none is */
    public function missing(Authority $authority): ?string
    {
        foreach (array_intersect(self::RIGHTS, $this->permissions->getAllPermissions()) as $right) {
            if (!$authority->isAllowed($right)) {
                return $right;
            }
        }
        return null;
    }

    /** Counts an attempt. */
    public function isOverLimit(User $user): bool
    {
        return $user->pingLimiter(self::LIMIT);
    }
}
