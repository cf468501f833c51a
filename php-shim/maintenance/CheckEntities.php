<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Checks the named entities: puts jobs into the runner's queue, or checks here and now.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Maintenance;

use MediaWiki\Extension\ConstraintRunner\HandOver\EntityJob;
use MediaWiki\Extension\ConstraintRunner\Results\Recheck;
use Wikibase\DataModel\Entity\EntityIdParsingException;

require_once __DIR__ . '/RunnerMaintenance.php';

class CheckEntities extends RunnerMaintenance
{
    private const BATCH = 200;

    public function __construct()
    {
        parent::__construct();
        $this->addDescription('Check entities against their constraints.');
        $this->addOption('now', 'Check entities one by one and wait for each result');
        $this->addOption('dry-run', 'Only print what would be checked');
        $this->addIdArguments();
    }

    public function execute()
    {
        $idParser = $this->service('WikibaseRepo.EntityIdParser');
        $batch = [];
        $counts = [];
        $bad = 0;
        foreach ($this->ids() as $text) {
            try {
                $entityId = $idParser->parse($text);
            } catch (EntityIdParsingException) {
                $this->error("\"$text\" is not an entity ID");
                $bad++;
                continue;
            }
            $id = $entityId->getSerialization();
            if ($this->hasOption('dry-run')) {
                $done = 'would be checked';
                $this->output("$id\n");
            } elseif ($this->hasOption('now')) {
                /** @var Recheck $recheck */
                $recheck = $this->service('ConstraintRunner.Recheck');
                $done = match ($recheck->recheck($entityId)) {
                    Recheck::CHECKED => 'checked',
                    Recheck::WAITS => 'waits for the runner, which did not answer in time',
                    Recheck::MISSING => 'not there',
                };
                $this->output("$id: $done\n");
            } else {
                $done = 'in the queue of the runner';
                $batch[] = new EntityJob($id, reason: EntityJob::REQUEST);
            }
            $counts[$done] = ($counts[$done] ?? 0) + 1;
            if (count($batch) === self::BATCH) {
                $this->handOver($batch);
                $batch = [];
            }
            $this->progress(array_sum($counts) . ' entities');
        }
        if ($batch !== []) {
            $this->handOver($batch);
        }
        foreach ($counts as $what => $count) {
            $this->output("$count $what\n");
        }
        if ($bad > 0) {
            $this->fatalError("$bad were no entity IDs", self::EX_DATAERR);
        }
    }
}

return CheckEntities::class;
