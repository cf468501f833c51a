<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Who may start a check: who has WBQC's right for it (WBQC for MediaWiki 1.43 has none yet, then
// everyone), within the rate limit.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use MediaWiki\Permissions\Authority;
use MediaWiki\Permissions\PermissionManager;
use MediaWiki\User\User;

class CheckRight
{
    public const RIGHT = 'wbqc-check-constraints';
    public const LIMIT = 'constraintrunner-check';

    public function __construct(private readonly PermissionManager $permissions)
    {
    }

    public function isAllowed(Authority $authority): bool
    {
        return !in_array(self::RIGHT, $this->permissions->getAllPermissions(), true)
            || $authority->isAllowed(self::RIGHT);
    }

    /** Counts an attempt. */
    public function isOverLimit(User $user): bool
    {
        return $user->pingLimiter(self::LIMIT);
    }
}
