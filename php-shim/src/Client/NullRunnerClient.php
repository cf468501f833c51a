<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// The client of a wiki that has no runner configured.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Client;

final class NullRunnerClient implements RunnerClient
{
    public function isWorthTrying(): bool
    {
        return false;
    }

    public function postJobs(array $jobs): RunnerAnswer
    {
        return $this->get('');
    }

    public function check(
        string $entity,
        int $revision,
        string $otherThan,
        int $deadlineMs
    ): RunnerAnswer {
        return $this->get('');
    }

    public function startImport(array $what): RunnerAnswer
    {
        return $this->get('');
    }

    public function removeWiki(): RunnerAnswer
    {
        return $this->get('');
    }

    public function violations(string $entity): RunnerAnswer
    {
        return $this->get('');
    }

    public function dump(array $options, $to): RunnerAnswer
    {
        return $this->get('');
    }

    public function get(string $path): RunnerAnswer
    {
        return RunnerAnswer::away('$wgConstraintRunnerSocket is empty');
    }
}
