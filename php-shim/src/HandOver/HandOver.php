<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Sends jobs to the runner: after the response, in batches. Jobs that can't be sent stay in the
// wiki's own JobQueue and are sent from there (HandOverJob). Never throws into an edit.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\HandOver;

use JobQueueGroup;
use JobSpecification;
use MediaWiki\Deferred\DeferredUpdates;
use MediaWiki\Extension\ConstraintRunner\Client\RunnerClient;
use Psr\Log\LoggerInterface;
use Throwable;

class HandOver
{
    private const BATCH = 200;

    /** @var EntityJob[] By entity */
    private array $waiting = [];
    private bool $scheduled = false;

    public function __construct(
        private readonly RunnerClient $client,
        private readonly JobQueueGroup $jobQueueGroup,
        private readonly LoggerInterface $logger
    ) {
    }

    /**
     * After the response. Of two jobs for an entity the later revision counts; a job that asks the
     * wiki outranks any revision.
     */
    public function later(EntityJob $job): void
    {
        $known = $this->waiting[$job->entity] ?? null;
        if (
            $known === null || $job->asksTheWiki()
            || (!$known->asksTheWiki() && $job->revision >= $known->revision)
        ) {
            $this->waiting[$job->entity] = $job;
        }
        if (!$this->scheduled) {
            $this->scheduled = true;
            DeferredUpdates::addCallableUpdate($this->flush(...), DeferredUpdates::POSTSEND);
        }
    }

    public function flush(): void
    {
        $jobs = array_values($this->waiting);
        $this->waiting = [];
        $this->scheduled = false;
        $this->now($jobs);
    }

    /**
     * Sends them, and puts those that could not be sent into the JobQueue.
     * @param EntityJob[] $jobs
     * @return int The number of jobs that the runner has accepted
     */
    public function now(array $jobs): int
    {
        $given = 0;
        foreach (array_chunk($jobs, self::BATCH) as $batch) {
            $kept = $this->send($batch);
            $given += count($batch) - count($kept);
            if ($kept !== []) {
                $this->keep($kept);
            }
        }
        return $given;
    }

    /**
     * @param EntityJob[] $batch
     * @return EntityJob[] Jobs that were not accepted but may be later
     */
    public function send(array $batch, bool $withDocuments = true): array
    {
        if (!$this->client->isWorthTrying()) {
            return $batch;
        }
        try {
            $answer = $this->client->postJobs(array_map(
                static fn (EntityJob $job) => $job->toArray($withDocuments),
                $batch
            ));
        } catch (Throwable $error) { // an entity that can't be serialized
            $this->logger->error('jobs were not made: {exception}', ['exception' => $error]);
            return $withDocuments ? $this->send($batch, false) : $batch;
        }
        if ($answer->isOk()) {
            return [];
        }
        if ($answer->isTemporary() || $answer->status === 404) { // 404: not configured there yet
            $this->logger->info('jobs are kept: {problem}', ['problem' => $answer->problem]);
            return $batch;
        }
        if (count($batch) > 1) {
            return array_merge(...array_map(
                fn (EntityJob $job) => $this->send([$job], $withDocuments),
                $batch
            ));
        }
        if ($withDocuments) { // the document is too large, or nothing that the runner understands
            return $this->send($batch, false);
        }
        $this->logger->error(
            'the runner refuses {entity} for good: {problem}',
            ['entity' => $batch[0]->entity, 'problem' => $answer->problem]
        );
        return [];
    }

    /** @param EntityJob[] $jobs */
    public function keep(array $jobs): void
    {
        try {
            $this->jobQueueGroup->push(array_map($this->specify(...), $jobs));
        } catch (Throwable $error) {
            $this->logger->error(
                'jobs are lost, the JobQueue does not take them: {entities} {exception}',
                [
                    'entities' => implode(' ', array_map(static fn ($job) => $job->entity, $jobs)),
                    'exception' => $error,
                ]
            );
        }
    }

    /**
     * One job waits for an entity at most, and one that asks the wiki beside it; its document is not
     * kept, the runner fetches it.
     */
    private function specify(EntityJob $job): JobSpecification
    {
        return new JobSpecification(
            HandOverJob::TYPE,
            [
                'entity' => $job->entity,
                'revision' => $job->revision,
                'priority' => $job->priority,
                'reason' => $job->reason,
                'asks' => $job->asksTheWiki(),
            ],
            [
                'removeDuplicates' => true,
                'removeDuplicatesIgnoreParams' => ['revision', 'priority', 'reason'],
            ]
        );
    }
}
