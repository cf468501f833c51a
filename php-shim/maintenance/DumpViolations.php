<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Writes all violation pairs of the wiki to standard output, as lines of JSON.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Maintenance;

use MediaWiki\Context\DerivativeContext;
use MediaWiki\Context\IContextSource;
use MediaWiki\Context\RequestContext;
use MediaWiki\Extension\ConstraintRunner\Results\Sentences;
use MediaWiki\Extension\ConstraintRunner\Store\ViolationFilter;
use MediaWiki\Extension\ConstraintRunner\Store\Violations;

require_once __DIR__ . '/RunnerMaintenance.php';

class DumpViolations extends RunnerMaintenance
{
    public function __construct()
    {
        parent::__construct();
        $this->addDescription('Write violation pairs to standard output, one JSON object per line.');
        $this->addOption('property', 'Only violations of constraints of this property', false, true);
        $this->addOption('type', 'Only violations of the constraint type with this item', false, true);
        $this->addOption('status', 'Only violations with this status', false, true);
        $this->addOption(
            'class',
            'Only of entities that are an instance of this item, or of a class below it',
            false,
            true
        );
        $this->addOption('direct', 'With --class: not of its subclasses');
        $this->addOption('sentences', 'Also describe each violation in a sentence');
        $this->addOption('language', 'Language of the sentences; by default the wiki\'s', false, true);
        $this->addOption('after', 'Continue after this cursor (from an earlier error)', false, true);
        $this->setBatchSize(1000);
    }

    public function execute()
    {
        $filter = ViolationFilter::of(
            '',
            (string)$this->getOption('property', ''),
            (string)$this->getOption('type', ''),
            (string)$this->getOption('status', ''),
            (string)$this->getOption('class', ''),
            $this->hasOption('direct')
        );
        $after = $this->getOption('after');
        if ($filter->problems !== [] || ($after !== null && !Violations::isCursor($after))) {
            $wrong = $filter->problems[0] ?? 'after';
            $this->fatalError("--$wrong: no such value is possible", self::EX_USAGE);
        }
        $context = $this->contextOfSentences();
        /** @var Sentences $sentences */
        $sentences = $this->service('ConstraintRunner.Sentences');
        /** @var Violations $violations */
        $violations = $this->service('ConstraintRunner.Violations');
        $rows = 0;
        do {
            $page = $violations->page($filter, $after, $this->getBatchSize());
            if ($page === null) {
                $this->fatalError(
                    'PostgreSQL went away; go on with --after ' . escapeshellarg((string)$after),
                    self::EX_UNAVAILABLE
                );
            }
            $withSentences = $context === null ? $page->rows : $sentences->inText($page->rows, $context);
            foreach ($withSentences as $row) {
                fwrite(STDOUT, json_encode($row, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE) . "\n");
            }
            $rows += count($page->rows);
            $after = $page->next;
            $this->progress("$rows pairs", $after === null);
        } while ($after !== null);
    }

    private function contextOfSentences(): ?IContextSource
    {
        $language = $this->getOption('language');
        if (
            $language !== null
            && !$this->getServiceContainer()->getLanguageNameUtils()->isKnownLanguageTag($language)
        ) {
            $this->fatalError('--language: there is no such language', self::EX_USAGE);
        }
        if (!$this->hasOption('sentences')) {
            return null;
        }
        $context = new DerivativeContext(RequestContext::getMain());
        $context->setLanguage($language ?? $this->getServiceContainer()->getContentLanguage());
        return $context;
    }
}

return DumpViolations::class;
