<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Starts an import in the runner for this wiki, and shows its progress. The import continues without
// this script.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Maintenance;

use MediaWiki\Extension\ConstraintRunner\Client\RunnerAnswer;
use MediaWiki\Extension\ConstraintRunner\Client\RunnerClient;

require_once __DIR__ . '/RunnerMaintenance.php';

class Import extends RunnerMaintenance
{
    private const POLL_SECONDS = 1;
    private const MAX_FAILURES = 60;

    public function __construct()
    {
        parent::__construct();
        $this->addDescription('Start an import at the runner, or watch one (docs/imports.md).');
        $this->addArg('method', 'category, entities or dump; none with --job', false);
        $this->addArg('what', 'Names of categories, entity IDs, or the file of the dump', false, true);
        $this->addOption('from', 'entities: "stored", "replica" or "api" instead of IDs', false, true);
        $this->addOption('type', 'entities: only items, properties, lexemes or mediainfo', false, true);
        $this->addOption('property', 'entities: only those that use it', false, true);
        $this->addOption('force', 'entities, dump: also what is stored at the current revision');
        $this->addOption('no-redirects', 'category: leave redirects of categories alone');
        $this->addOption('wait', 'Show its progress until it ends');
        $this->addOption('job', 'Show this import instead of starting one', false, true);
    }

    public function execute()
    {
        /** @var RunnerClient $client */
        $client = $this->service('ConstraintRunner.Client');
        $id = $this->hasOption('job') ? $this->job() : $this->start($client);
        $status = $this->status($client, $id);
        while ($this->hasOption('wait') && !self::isOver($status)) {
            $this->progress(self::line($status));
            sleep(self::POLL_SECONDS);
            $status = $this->status($client, $id);
        }
        $this->progress('', true);
        $this->output(self::line($status) . "\n");
        if ($status['status'] === 'failed') {
            $this->fatalError($status['error']['message'] ?? 'It failed.', self::EX_DATAERR);
        }
        if ($this->hasOption('wait') && $status['status'] !== 'complete') {
            $this->fatalError("It is {$status['status']}.", self::EX_TEMPFAIL);
        }
    }

    private function job(): int
    {
        $job = (string)$this->getOption('job');
        if (!ctype_digit($job) || $this->getArgs() !== []) {
            $this->fatalError('--job takes the number of an import, and nothing else', self::EX_USAGE);
        }
        return (int)$job;
    }

    private function start(RunnerClient $client): int
    {
        $answer = $client->startImport($this->request());
        $this->stopUnless($answer);
        if ($answer->body['is_new'] ?? true) {
            $this->output("import {$answer->body['job_id']}\n");
        } else {
            $this->output("import {$answer->body['job_id']}, which was under way already\n");
        }
        return (int)$answer->body['job_id'];
    }

    /** The body of POST /v1/import, without the wiki; the runner validates it. */
    private function request(): array
    {
        $what = $this->getArgs();
        $method = (string)array_shift($what);
        $request = ['import_method' => $method];
        switch ($method) {
            case 'category':
                $request['categories'] = array_values($what);
                if ($this->hasOption('no-redirects')) {
                    $request['follow_redirects'] = false;
                }
                break;
            case 'entities':
                if ($what !== []) {
                    $request['entities'] = array_values($what);
                }
                foreach (['from', 'type', 'property'] as $option) {
                    if ($this->hasOption($option)) {
                        $request[$option] = (string)$this->getOption($option);
                    }
                }
                break;
            case 'dump':
                if (count($what) !== 1) {
                    $this->fatalError('dump: name one file', self::EX_USAGE);
                }
                $request['file'] = $what[0];
                break;
            default:
                $this->fatalError('The method is category, entities or dump.', self::EX_USAGE);
        }
        if ($this->hasOption('force')) {
            $request['force'] = true;
        }
        return $request;
    }

    /** Patient: the runner may be restarted meanwhile. */
    private function status(RunnerClient $client, int $id): array
    {
        for ($failures = 0;; ++$failures) {
            $answer = $client->get("/v1/import/$id/status");
            if ($answer->isOk()) {
                return $answer->body;
            }
            if (!$answer->isTemporary() || !$this->hasOption('wait') || $failures === self::MAX_FAILURES) {
                $this->stopUnless($answer);
            }
            $this->progress('the runner is away, waiting');
            sleep(self::POLL_SECONDS);
        }
    }

    private function stopUnless(RunnerAnswer $answer): void
    {
        if (!$answer->isOk()) {
            $this->fatalError(
                $answer->problem,
                $answer->isTemporary() ? self::EX_UNAVAILABLE : self::EX_USAGE
            );
        }
    }

    private static function isOver(array $status): bool
    {
        return in_array($status['status'], ['complete', 'failed', 'cancelled', 'paused'], true);
    }

    private static function line(array $status): string
    {
        $text = "{$status['status']}: {$status['done']}";
        if ($status['total'] !== null) {
            $text .= ' of ' . ($status['total_is'] === 'estimated' ? 'about ' : '') . $status['total'];
        }
        if ($status['failed'] > 0) {
            $text .= ", {$status['failed']} failed";
        }
        if (!self::isOver($status)) {
            $text .= sprintf(', %.0f/s', $status['rate']);
            if ($status['eta_seconds'] !== null) {
                $text .= ', ' . gmdate('H:i:s', $status['eta_seconds']) . ' left';
            }
        }
        return $text;
    }
}

return Import::class;
