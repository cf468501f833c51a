<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Jobs for entities that WBQC had to check for a reader, since the store had no fresh result. The
// reader gets WBQC's answer; the runner's own check is stored, because WBQC in PHP checks neither
// distinct values nor classes beyond its limit. Jobs are sent after the response.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use MediaWiki\Deferred\DeferredUpdates;
use MediaWiki\Extension\ConstraintRunner\HandOver\EntityJob;
use MediaWiki\Extension\ConstraintRunner\HandOver\HandOver;

class ReaderJobs
{
    /** @var true[] By ID: entities that were checked without a look into the store */
    private array $unread = [];

    public function __construct(
        private readonly HandOver $handOver,
        private readonly FreshResults $freshResults
    ) {
    }

    /**
     * The store has no fresh result of this entity.
     * @param int $revision The latest one, which was checked; 0: missing or a redirect, no job
     */
    public function missing(string $entity, int $revision): void
    {
        if ($revision > 0) {
            $this->handOver->later(new EntityJob($entity, $revision, reason: EntityJob::REQUEST));
        }
    }

    /** The entity was checked without a look into the store; that follows after the response. */
    public function unread(string $entity): void
    {
        $isFirst = $this->unread === [];
        $this->unread[$entity] = true;
        if ($isFirst) { // on the command line this may run at once
            DeferredUpdates::addCallableUpdate($this->look(...), DeferredUpdates::POSTSEND);
        }
    }

    /** Sends jobs for those without a fresh result; none while the database is unavailable. */
    public function look(): void
    {
        $entities = array_map('strval', array_keys($this->unread));
        $this->unread = [];
        $read = $this->freshResults->read($entities);
        if ($read === null) {
            return;
        }
        $jobs = [];
        foreach ($entities as $entity) {
            if (!isset($read->fresh[$entity]) && $read->latest[$entity] > 0) {
                $jobs[] = new EntityJob($entity, $read->latest[$entity], reason: EntityJob::REQUEST);
            }
        }
        $this->handOver->now($jobs);
    }
}
