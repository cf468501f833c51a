<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Shows the state of runner, queues and store.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Maintenance;

use MediaWiki\Extension\ConstraintRunner\Client\RunnerClient;
use MediaWiki\Extension\ConstraintRunner\HandOver\HandOverJob;
use MediaWiki\Extension\ConstraintRunner\Store\Upkeep;

require_once __DIR__ . '/RunnerMaintenance.php';

class Status extends RunnerMaintenance
{
    public function __construct()
    {
        parent::__construct();
        $this->addDescription('Show the state of runner, queues and store; exit code 69 if one is away.');
    }

    public function execute()
    {
        /** @var RunnerClient $client */
        $client = $this->service('ConstraintRunner.Client');
        $ready = $client->get('/readyz');
        $problems = implode('; ', $ready->body['problems'] ?? []) ?: $ready->problem;
        $this->line('runner', $ready->isOk() ? 'ready' : "not ready: $problems");
        $queues = $client->get('/v1/queue');
        $queue = $queues->body['wikis'][$this->wiki()] ?? null;
        $none = $queues->isOk() ? 'nothing of this wiki' : 'unknown';
        $this->line('its queue', $queue === null ? $none : sprintf(
            '%d ready, %d delayed, %d being checked, %d given up',
            $queue['ready'],
            $queue['delayed'],
            $queue['leased'],
            $queue['dead']
        ));
        $waiting = $this->getServiceContainer()->getJobQueueGroup()->get(HandOverJob::TYPE);
        $this->line('kept in this wiki', $waiting->getSize() + $waiting->getAcquiredCount() . ' jobs');
        /** @var Upkeep $upkeep */
        $upkeep = $this->service('ConstraintRunner.Upkeep');
        $counts = $upkeep->counts();
        $this->line('store', $counts === null ? 'away' : sprintf(
            '%d results, %d of them incomplete; %d violation pairs',
            $counts['results'],
            $counts['incomplete'],
            $counts['violations']
        ));
        if (!$ready->isOk() || $counts === null) {
            $this->fatalError('A component is unavailable.', self::EX_UNAVAILABLE);
        }
    }

    private function line(string $what, string $text): void
    {
        $this->output(sprintf("%-18s %s\n", "$what:", $text));
    }
}

return Status::class;
