<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Makes the runner remove all stored data of this wiki: for a closed wiki, or to start
// over.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Maintenance;

use MediaWiki\Extension\ConstraintRunner\Client\RunnerClient;
use MediaWiki\Extension\ConstraintRunner\Store\Upkeep;

require_once __DIR__ . '/RunnerMaintenance.php';

class RemoveWiki extends RunnerMaintenance
{
    public function __construct()
    {
        parent::__construct();
        $this->addDescription('Make the runner remove all stored results of this wiki, atomically.');
        $this->addOption('dry-run', 'Only count');
        $this->addOption('yes', 'Really do it');
    }

    public function execute()
    {
        if ($this->hasOption('yes') && !$this->hasOption('dry-run')) {
            $this->remove();
            return;
        }
        /** @var Upkeep $upkeep */
        $upkeep = $this->service('ConstraintRunner.Upkeep');
        $counts = $upkeep->counts();
        if ($counts === null) {
            $this->fatalError('PostgreSQL can\'t be reached.', self::EX_UNAVAILABLE);
        }
        $this->output("{$counts['results']} results and {$counts['violations']} violation pairs of "
            . $this->wiki() . " would be removed\n");
        if (!$this->hasOption('dry-run')) {
            $this->fatalError('Add --yes to remove them.', self::EX_USAGE);
        }
    }

    private function remove(): void
    {
        /** @var RunnerClient $client */
        $client = $this->service('ConstraintRunner.Client');
        $answer = $client->removeWiki();
        if ($answer->status === 409) {
            $this->fatalError("Nothing was removed: $answer->problem", self::EX_TEMPFAIL);
        }
        if (!$answer->isOk()) {
            $this->fatalError("The runner did not do it: $answer->problem", self::EX_UNAVAILABLE);
        }
        $this->output("{$answer->body['results']} results and {$answer->body['violations']} violation "
            . 'pairs of ' . $this->wiki() . " were removed\n");
    }
}

return RemoveWiki::class;
