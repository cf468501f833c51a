<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// The runner behind its Unix socket, with a circuit breaker (see Rest).

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Client;

use Psr\Log\LoggerInterface;

final class SocketRunnerClient implements RunnerClient
{
    private const TIMEOUT = 5.0;
    private const TIMEOUT_OF_WEB_REQUESTS = 0.3;
    private const TIMEOUT_OF_DUMP = 300.0; // for each part
    private const TIMEOUT_OF_REMOVAL = 3600.0;

    /** @param bool $isPatient Whether jobs may take their time: see isPatient() */
    public function __construct(
        private readonly UnixHttp $http,
        private readonly Rest $rest,
        private readonly string $wiki,
        private readonly LoggerInterface $logger,
        private readonly bool $isPatient = true
    ) {
    }

    /**
     * Only where no web server waits for the process. Also after the response has ended, as PHP-FPM
     * does it before deferred updates, a process that waits for a silent runner serves no one: some
     * edits in a row hold all of them, and the next one is in line.
     */
    public static function isPatient(): bool
    {
        return PHP_SAPI === 'cli';
    }

    public function isWorthTrying(): bool
    {
        return $this->rest->isOver();
    }

    public function postJobs(array $jobs): RunnerAnswer
    {
        return $this->post(
            '/v1/jobs',
            ['wiki' => $this->wiki, 'jobs' => $jobs],
            $this->isPatient ? self::TIMEOUT : self::TIMEOUT_OF_WEB_REQUESTS
        );
    }

    public function check(
        string $entity,
        int $revision,
        string $otherThan,
        int $deadlineMs
    ): RunnerAnswer {
        $request = ['wiki' => $this->wiki, 'entity' => $entity, 'deadline_ms' => $deadlineMs];
        if ($revision > 0) {
            $request['revision'] = $revision;
        }
        if ($otherThan !== '') {
            $request['other_than'] = $otherThan;
        }
        // the runner's own deadline ends first
        return $this->post('/v1/check', $request, $deadlineMs / 1000 + 0.5);
    }

    public function startImport(array $what): RunnerAnswer
    {
        return $this->post('/v1/import', ['wiki' => $this->wiki] + $what, self::TIMEOUT);
    }

    public function removeWiki(): RunnerAnswer
    {
        $path = '/v1/wikis/' . rawurlencode($this->wiki);
        return $this->http->request('DELETE', $path, null, self::TIMEOUT_OF_REMOVAL);
    }

    public function violations(string $entity): RunnerAnswer
    {
        $query = ['wiki' => $this->wiki, 'entity' => $entity, 'limit' => 1000, 'sentences' => 'true'];
        return $this->ask(
            'GET',
            '/v1/violations?' . http_build_query($query),
            null,
            $this->isPatient ? self::TIMEOUT : self::TIMEOUT_OF_WEB_REQUESTS
        );
    }

    public function dump(array $options, $to): RunnerAnswer
    {
        $query = http_build_query(['wiki' => $this->wiki] + $options);
        return $this->http->download("/v1/dump?$query", $to, self::TIMEOUT_OF_DUMP);
    }

    public function get(string $path): RunnerAnswer
    {
        return $this->http->request('GET', $path, null, self::TIMEOUT);
    }

    private function post(string $path, array $body, float $timeout): RunnerAnswer
    {
        $json = json_encode(
            $body,
            JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION
                | JSON_INVALID_UTF8_SUBSTITUTE
        );
        return $this->ask('POST', $path, (string)$json, $timeout);
    }

    private function ask(string $method, string $path, ?string $body, float $timeout): RunnerAnswer
    {
        if (!$this->rest->mayTry($timeout)) {
            return RunnerAnswer::away('left alone after a failure a moment ago');
        }
        $answer = $this->http->request($method, $path, $body, $timeout);
        if ($answer->status === 0) {
            $this->rest->begin();
            $this->logger->warning('the runner is away: {problem}', ['problem' => $answer->problem]);
        } else {
            $this->rest->end();
        }
        return $answer;
    }
}
