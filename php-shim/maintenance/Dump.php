<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Writes all stored results of this wiki into files. The data comes from the runner, since the
// wiki's PostgreSQL role may not read all of it (docs/dumps.md).

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Maintenance;

use MediaWiki\Extension\ConstraintRunner\Client\RunnerAnswer;
use MediaWiki\Extension\ConstraintRunner\Client\RunnerClient;

require_once __DIR__ . '/RunnerMaintenance.php';

class Dump extends RunnerMaintenance
{
    private const NAMES = ['ttl' => 'dump.ttl', 'nt' => 'dump.nt', 'csv' => 'dump.csv',
        'json' => 'dump.ndjson'];
    private const EXTENSIONS = ['none' => '', 'gz' => '.gz', 'zst' => '.zst'];
    private const PART = '.part';

    public function __construct()
    {
        parent::__construct();
        $this->addDescription('Dump stored results: RDF for the query service, CSV, JSON lines.');
        $this->addOption('output', 'A folder of its own; it is created', true, true);
        $this->addOption('format', 'ttl, nt, csv or json; may be repeated', false, true, false, true);
        $this->addOption('compress', 'gz, zst or none', false, true);
        $this->addOption('details', 'In RDF, include status and type');
        $this->addOption('sentences', 'In CSV, add a short English sentence');
    }

    public function execute()
    {
        $formats = array_unique((array)$this->getOption('format', ['ttl']));
        foreach ($formats as $format) {
            if (!isset(self::NAMES[$format])) {
                $this->fatalError("--format: \"$format\" is not ttl, nt, csv or json", self::EX_USAGE);
            }
        }
        $compress = (string)$this->getOption('compress', 'gz');
        if (!isset(self::EXTENSIONS[$compress])) {
            $this->fatalError("--compress: \"$compress\" is not gz, zst or none", self::EX_USAGE);
        }
        $options = ['compress' => $compress];
        foreach (['details', 'sentences'] as $flag) {
            if ($this->hasOption($flag)) {
                $options[$flag] = 'true';
            }
        }
        $folder = $this->folder();
        $files = [];
        foreach ($formats as $format) {
            $name = self::NAMES[$format] . self::EXTENSIONS[$compress];
            $files[] = ['name' => $name, 'format' => $format]
                + $this->write("$folder/$name", ['format' => $format] + $options);
        }
        $this->writeManifest($folder, $files);
    }

    /** A dedicated folder: nothing in it is replaced except unfinished files of this script. */
    private function folder(): string
    {
        $folder = rtrim((string)$this->getOption('output'), '/');
        if (!is_dir($folder) && !@mkdir($folder, 0777, true)) {
            $this->fatalError("--output: $folder can't be made", self::EX_CANTCREAT);
        }
        $isComplete = is_file("$folder/manifest.json");
        foreach (array_diff(scandir($folder) ?: [], ['.', '..']) as $name) {
            if ($isComplete || !preg_match('/^(dump|manifest)\./', $name)) {
                $this->fatalError("--output: $folder has $name already", self::EX_CANTCREAT);
            }
        }
        return $folder;
    }

    /** @return array position, bytes, sha256 */
    private function write(string $path, array $options): array
    {
        @unlink($path . self::PART);
        $file = @fopen($path . self::PART, 'xb');
        if ($file === false) {
            $this->fatalError("$path" . self::PART . " can't be made", self::EX_CANTCREAT);
        }
        /** @var RunnerClient $client */
        $client = $this->service('ConstraintRunner.Client');
        $answer = $client->dump($options, $file);
        $isWritten = fflush($file) && fclose($file);
        if (!$answer->isOk()) {
            $this->giveUp($answer);
        }
        if (!$isWritten || !rename($path . self::PART, $path)) {
            $this->fatalError("$path can't be written", self::EX_CANTCREAT);
        }
        $bytes = filesize($path);
        $this->output(basename($path) . ": $bytes bytes\n");
        return ['position' => $answer->body['position'], 'bytes' => $bytes,
            'sha256' => hash_file('sha256', $path)];
    }

    private function giveUp(RunnerAnswer $answer): void
    {
        $this->fatalError(
            "The dump is not complete; run this again. $answer->problem",
            $answer->body === [] ? self::EX_UNAVAILABLE : self::EX_TEMPFAIL
        );
    }

    /** Written last. Files are of different moments: events from the first on update all of them. */
    private function writeManifest(string $folder, array $files): void
    {
        $positions = array_map('intval', array_column($files, 'position'));
        $manifest = [
            'format' => 1,
            'program' => 'ConstraintRunner:Dump',
            'wiki' => $this->wiki(),
            'kind' => 'full',
            'events' => ['transaction' => (string)min($positions)],
            'consistent' => count($files) === 1,
            'files' => $files,
        ];
        $text = json_encode($manifest, JSON_UNESCAPED_SLASHES | JSON_PRETTY_PRINT) . "\n";
        $path = "$folder/manifest.json";
        if (
            @file_put_contents($path . self::PART, $text) !== strlen($text)
            || !rename($path . self::PART, $path)
        ) {
            $this->fatalError("$path can't be written", self::EX_CANTCREAT);
        }
        $this->output(count($files) . " files; events go on from position " . min($positions) . "\n");
    }
}

return Dump::class;
