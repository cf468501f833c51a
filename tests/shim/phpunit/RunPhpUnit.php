<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the PHPUnit tests of this folder inside the wiki: php maintenance/run.php …/RunPhpUnit.php
// --junit FILE. Debian's PHPUnit is enough; MediaWiki's own test classes are not in its package.

declare(strict_types=1);

use MediaWiki\Maintenance\Maintenance;

class RunPhpUnit extends Maintenance
{
    public function __construct()
    {
        parent::__construct();
        $this->addOption('junit', 'Where the report goes', true, true);
    }

    public function execute()
    {
        require_once 'PHPUnit/Autoload.php';
        $code = (new PHPUnit\TextUI\Command())->run([
            'phpunit',
            '--no-configuration',
            '--fail-on-risky',
            '--fail-on-warning',
            '--log-junit',
            $this->getOption('junit'),
            __DIR__,
        ], false);
        if ($code !== 0) {
            $this->fatalError('PHPUnit found something.', $code);
        }
    }
}

return RunPhpUnit::class;
