<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// A request that no worker could answer.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Worker;

use RuntimeException;

final class BadRequest extends RuntimeException
{
}
