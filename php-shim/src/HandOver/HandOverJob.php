<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// A job of the wiki's own JobQueue that waits for the runner. While the runner is unavailable the
// job goes back into the queue, and its type is paused (workItemCount against
// $wgJobBackoffThrottling), so that runJobs does not loop and no attempt is the last.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\HandOver;

use Job;
use MediaWiki\Extension\ConstraintRunner\Client\RunnerClient;

final class HandOverJob extends Job
{
    public const TYPE = 'constraintRunnerHandOver';
    private const REST_SECONDS = 30;

    public function __construct(
        array $params,
        private readonly HandOver $handOver,
        private readonly RunnerClient $client
    ) {
        parent::__construct(self::TYPE, $params);
        $this->removeDuplicates = true;
    }

    public function run(): bool
    {
        $job = new EntityJob(
            $this->params['entity'],
            (int)($this->params['revision'] ?? 0),
            $this->params['priority'] ?? 'normal',
            null,
            $this->params['reason'] ?? EntityJob::EDIT
        );
        $this->handOver->now([$job]);
        return true; // given, or in the queue again
    }

    /** Read before run(): with a throttling of one item a second, seconds to rest after it. */
    public function workItemCount(): int
    {
        return $this->client->isWorthTrying() ? 0 : self::REST_SECONDS;
    }
}
