<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Base of the maintenance scripts: services, progress on a terminal, exit codes of sysexits, and
// retries while the runner is full or unavailable.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Maintenance;

use MediaWiki\Extension\ConstraintRunner\HandOver\EntityJob;
use MediaWiki\Extension\ConstraintRunner\HandOver\HandOver;
use MediaWiki\Maintenance\Maintenance;

abstract class RunnerMaintenance extends Maintenance
{
    protected const EX_USAGE = 64;
    protected const EX_DATAERR = 65;
    protected const EX_UNAVAILABLE = 69;
    protected const EX_CANTCREAT = 73;
    protected const EX_TEMPFAIL = 75;
    private const PATIENCE_SECONDS = 300;

    private float $shownAt = 0.0;

    public function __construct()
    {
        parent::__construct();
        $this->requireExtension('ConstraintRunner');
    }

    /** Accepts ids as arguments or, without any, from standard input, one per line. */
    protected function addIdArguments(): void
    {
        $this->addArg('id', 'Entity ID; default: read from standard input, one per line', false, true);
    }

    /** @return iterable<string> */
    protected function ids(): iterable
    {
        if ($this->hasArg(0)) {
            yield from $this->getArgs();
            return;
        }
        while (($line = fgets(STDIN)) !== false) {
            if (trim($line) !== '') {
                yield trim($line);
            }
        }
    }

    protected function service(string $name): mixed
    {
        return $this->getServiceContainer()->getService($name);
    }

    protected function wiki(): string
    {
        return $this->service('ConstraintRunner.Wiki')->id;
    }

    /** A line that replaces itself; only on a terminal. */
    protected function progress(string $text, bool $last = false): void
    {
        if ($this->isQuiet() || !stream_isatty(STDERR)) {
            return;
        }
        if ($last || microtime(true) - $this->shownAt > 0.2) {
            $this->shownAt = microtime(true);
            fwrite(STDERR, "\r\033[K$text" . ($last ? "\n" : ''));
        }
    }

    /**
     * Sends jobs to the runner, waiting while it is full or unavailable; ends the script when that
     * lasts.
     * @param EntityJob[] $jobs
     */
    protected function handOver(array $jobs): void
    {
        /** @var HandOver $handOver */
        $handOver = $this->service('ConstraintRunner.HandOver');
        $until = microtime(true) + self::PATIENCE_SECONDS;
        while (($jobs = $handOver->send($jobs, false)) !== []) {
            if (microtime(true) > $until) {
                $this->fatalError(
                    'The runner is full or away; run this again later.',
                    self::EX_TEMPFAIL
                );
            }
            $this->progress('the runner is full or away, waiting');
            sleep(1);
        }
    }
}
