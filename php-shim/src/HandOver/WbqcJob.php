<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Replaces WBQC's own job constraintsRunCheck, which checks an entity so that its result is
// cached: this one sends the entity to the runner.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\HandOver;

use Job;

final class WbqcJob extends Job
{
    public const TYPE = 'constraintsRunCheck';

    public function __construct(array $params, private readonly HandOver $handOver)
    {
        parent::__construct(self::TYPE, $params);
        $this->removeDuplicates = true;
    }

    public function run(): bool
    {
        $this->handOver->now([new EntityJob(
            (string)$this->params['entityId'],
            reason: EntityJob::REQUEST
        )]);
        return true; // the runner has it, or the JobQueue keeps it
    }
}
