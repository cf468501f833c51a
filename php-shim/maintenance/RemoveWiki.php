<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Removes everything that is stored for this wiki: for a wiki that is closed, or to begin anew.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Maintenance;

use MediaWiki\Extension\ConstraintRunner\Store\Upkeep;

require_once __DIR__ . '/RunnerMaintenance.php';

class RemoveWiki extends RunnerMaintenance
{
    public function __construct()
    {
        parent::__construct();
        $this->addDescription('Remove all stored results of this wiki; no runner should serve it.');
        $this->addOption('dry-run', 'Only count');
        $this->addOption('yes', 'Really do it');
        $this->setBatchSize(1000);
    }

    public function execute()
    {
        /** @var Upkeep $upkeep */
        $upkeep = $this->service('ConstraintRunner.Upkeep');
        $counts = $upkeep->counts();
        if ($counts === null) {
            $this->fatalError('PostgreSQL can\'t be reached.', self::EX_UNAVAILABLE);
        }
        if ($this->hasOption('dry-run') || !$this->hasOption('yes')) {
            $this->output("{$counts['results']} results and {$counts['violations']} violation pairs of "
                . $this->wiki() . " would be removed\n");
            if (!$this->hasOption('dry-run')) {
                $this->fatalError('Add --yes to remove them.', self::EX_USAGE);
            }
            return;
        }
        $removed = 0;
        do {
            $rows = $upkeep->remove($this->getBatchSize());
            if ($rows === null) {
                $this->fatalError(
                    'PostgreSQL went away, or refused; run this again.',
                    self::EX_UNAVAILABLE
                );
            }
            $removed += $rows;
            $this->progress("$removed rows removed", $rows === 0);
        } while ($rows > 0);
        $this->output("$removed rows removed\n");
    }
}

return RemoveWiki::class;
