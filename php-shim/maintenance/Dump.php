<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Writes all stored results of this wiki into files, with the runner's own command (docs/dumps.md).

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Maintenance;

require_once __DIR__ . '/RunnerMaintenance.php';

class Dump extends RunnerMaintenance
{
    private const WITH_VALUE = ['output', 'format', 'compress', 'threads', 'shards', 'since'];
    private const FLAGS = ['details', 'json'];

    public function __construct()
    {
        parent::__construct();
        $this->addDescription('Dump stored results: RDF for the query service, CSV, JSON lines.');
        $this->addOption('output', 'A folder of its own; it is made', true, true);
        $this->addOption('format', 'ttl, nt, csv or json; may be repeated', false, true, false, true);
        $this->addOption('compress', 'gz, zst or none', false, true);
        $this->addOption('threads', 'Connections to PostgreSQL; 0: one per CPU', false, true);
        $this->addOption('shards', 'Files of each format', false, true);
        $this->addOption('since', 'Only changes since this manifest.json, position or time', false, true);
        $this->addOption('details', 'In RDF also status and type');
        $this->addOption('json', 'Say what was done as a JSON object');
    }

    public function execute()
    {
        $command = $this->getConfig()->get('ConstraintRunnerCommand') ?? ['constraint-runner'];
        array_push($command, 'dump', '--wiki', $this->wiki());
        foreach (self::WITH_VALUE as $option) {
            foreach ((array)$this->getOption($option, []) as $value) {
                array_push($command, "--$option", (string)$value);
            }
        }
        foreach (self::FLAGS as $option) {
            if ($this->hasOption($option)) {
                $command[] = "--$option";
            }
        }
        // an array: no shell reads it
        $process = @proc_open($command, [STDIN, STDOUT, STDERR], $pipes);
        if ($process === false) {
            $this->fatalError("can't start $command[0] (\$wgConstraintRunnerCommand)", self::EX_UNAVAILABLE);
        }
        $code = proc_close($process);
        if ($code === 127) {
            $this->fatalError("there is no $command[0] (\$wgConstraintRunnerCommand)", self::EX_UNAVAILABLE);
        }
        if ($code !== 0) {
            exit($code); // it has said why
        }
    }
}

return Dump::class;
