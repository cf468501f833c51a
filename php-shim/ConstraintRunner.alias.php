<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Names of the special pages; the first of a language is the one that is shown.

declare(strict_types=1);

$specialPageAliases = [];

/** English */
$specialPageAliases['en'] = [
    'ConstraintViolations' => ['ConstraintViolations'],
];
