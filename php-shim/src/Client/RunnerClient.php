<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// The requests of the runner's API (docs/openapi.yaml) that the wiki makes. No method throws.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Client;

interface RunnerClient
{
    /** False: it was unavailable a moment ago (or there is none), and a request would not be sent. */
    public function isWorthTrying(): bool;

    /**
     * POST /v1/jobs.
     * @param array[] $jobs As the API has them: type, entity, revision?, priority?, document?
     */
    public function postJobs(array $jobs): RunnerAnswer;

    /**
     * POST /v1/check: the result of an entity, checked now if there is none of that revision.
     * @param int $revision 0: the current one
     * @param string $otherThan `checked_at` of a result that is known to be stale; empty: none is
     */
    public function check(
        string $entity,
        int $revision,
        string $otherThan,
        int $deadlineMs
    ): RunnerAnswer;

    /**
     * POST /v1/import.
     * @param array $what As the API has it, but for the wiki: import_method and what it takes
     */
    public function startImport(array $what): RunnerAnswer;

    /** DELETE /v1/wikis/{wiki}: all stored data of this wiki; may take long. */
    public function removeWiki(): RunnerAnswer;

    /** GET /v1/violations: the pairs of an entity, with sentences. */
    public function violations(string $entity): RunnerAnswer;

    /**
     * GET /v1/dump: all that is stored of this wiki, into a stream.
     * @param string[] $options As the API has them: format, compress, details, sentences
     * @param resource $to
     * @return RunnerAnswer `position` among the events when it is complete
     */
    public function dump(array $options, $to): RunnerAnswer;

    /** GET of a path without parameters that people ask for: /v1/queue, /readyz. */
    public function get(string $path): RunnerAnswer;
}
