<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Prints the section of the runner's configuration for this wiki, as TOML: for a runner that can't
// read it from the wiki.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Maintenance;

use MediaWiki\Extension\ConstraintRunner\Settings\WikiSettings;

require_once __DIR__ . '/RunnerMaintenance.php';

class Settings extends RunnerMaintenance
{
    public function __construct()
    {
        parent::__construct();
        $this->addDescription('Print this wiki\'s section of the runner\'s configuration, as TOML.');
        $this->addOption('units', 'Write the unit conversion to this file and name it', false, true);
    }

    public function execute()
    {
        /** @var WikiSettings $service */
        $service = $this->service('ConstraintRunner.WikiSettings');
        $answer = $service->toArray();
        $section = 'wiki.' . (preg_match('/^[\w-]+$/', $answer['wiki'])
            ? $answer['wiki'] : self::toml($answer['wiki']));
        $this->output("[$section]\n");
        foreach ($answer['settings'] as $name => $value) {
            $this->output("$name = " . self::toml($value) . "\n");
        }
        $this->units($answer);
        $this->output("\n[$section.ids]\n");
        foreach ($answer['ids'] as $name => $id) {
            $this->output("$name = " . self::toml($id) . "\n");
        }
    }

    private function units(array $answer): void
    {
        if (!array_key_exists('unit_conversion', $answer)) {
            $this->error('The unit conversion of this wiki (unitStorage) can\'t be read.');
        } elseif ($answer['unit_conversion'] !== null && !$this->hasOption('units')) {
            $this->error('This wiki converts units: --units FILE writes the conversion.');
        } elseif ($answer['unit_conversion'] !== null) {
            $file = (string)$this->getOption('units');
            if (@file_put_contents($file, json_encode($answer['unit_conversion'])) === false) {
                $this->fatalError("$file can't be written.", self::EX_CANTCREAT);
            }
            $this->output('unit_conversion = ' . self::toml((string)realpath($file)) . "\n");
        }
    }

    /** JSON of these is TOML. */
    private static function toml(string|int|bool|array $value): string
    {
        return json_encode(
            $value,
            JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR
        );
    }
}

return Settings::class;
