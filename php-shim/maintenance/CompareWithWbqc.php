<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Verification by sample: compares the stored results of some entities with WBQC's. Stale results
// are skipped, since they differ for good reason. Differences of constraint types that differ on
// purpose (docs/parity.md, "Deviations") are counted separately.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Maintenance;

use MediaWiki\Context\RequestContext;
use MediaWiki\Extension\ConstraintRunner\Results\EntityReports;
use MediaWiki\Extension\ConstraintRunner\Store\Upkeep;
use Throwable;
use Wikibase\DataModel\Entity\EntityId;
use Wikibase\DataModel\Entity\EntityIdParsingException;
use WikibaseQuality\ConstraintReport\Api\CachingResultsSource;
use WikibaseQuality\ConstraintReport\Api\CheckingResultsSource;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\CheckResult;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\NullResult;

require_once __DIR__ . '/RunnerMaintenance.php';

class CompareWithWbqc extends RunnerMaintenance
{
    /** Settings with the items of constraint types that deviate: no cap on class walks, an index
     * instead of SPARQL, a Commons that does not answer. */
    private const DEVIATING = [
        'WBQualityConstraintsTypeConstraintId',
        'WBQualityConstraintsValueTypeConstraintId',
        'WBQualityConstraintsDistinctValuesConstraintId',
        'WBQualityConstraintsCommonsLinkConstraintId',
    ];

    public function __construct()
    {
        parent::__construct();
        $this->addDescription('Compare stored results with those of WikibaseQualityConstraints.');
        $this->addOption('sample', 'Number of randomly chosen entities (default 100)', false, true);
        $this->addIdArguments();
    }

    public function execute()
    {
        /** @var Upkeep $upkeep */
        $upkeep = $this->service('ConstraintRunner.Upkeep');
        $ids = $this->hasArg(0)
            ? $this->getArgs() : $upkeep->sample(max(1, (int)$this->getOption('sample', 100)));
        if ($ids === null) {
            $this->fatalError('PostgreSQL can\'t be reached.', self::EX_UNAVAILABLE);
        }
        $counts = ['same' => 0, 'deviating' => 0, 'different' => 0, 'throws' => 0, 'skipped' => 0];
        foreach ($ids as $id) {
            $counts[$this->compare($id)]++;
            $this->progress(array_sum($counts) . ' of ' . count($ids));
        }
        $this->progress('', true);
        $this->output("{$counts['same']} the same, {$counts['deviating']} with listed deviations only, "
            . "{$counts['different']} different, {$counts['throws']} on which WBQC fails, "
            . "{$counts['skipped']} without a result that holds\n");
        if ($counts['different'] > 0) {
            $this->fatalError('There are differences.', self::EX_DATAERR);
        }
    }

    /** @return string same, deviating, different, throws or skipped */
    private function compare(string $id): string
    {
        try {
            $entityId = $this->service('WikibaseRepo.EntityIdParser')->parse($id);
        } catch (EntityIdParsingException) {
            return 'skipped';
        }
        /** @var EntityReports $reports */
        $reports = $this->service('ConstraintRunner.EntityReports');
        $stored = $reports->stored([$entityId])[$id] ?? null;
        if ($stored === null) {
            return 'skipped';
        }
        try {
            $checked = $this->check($entityId);
        } catch (Throwable $error) {
            $this->output("$id: WBQC fails: {$error->getMessage()} (listed deviation)\n");
            return 'throws';
        }
        $ours = $this->byText($stored->getArray());
        $theirs = $this->byText($checked);
        $found = 'same';
        foreach ([['stored', $ours, $theirs], ['WBQC', $theirs, $ours]] as [$side, $these, $those]) {
            foreach ($these as $text => $results) {
                $extra = array_slice($results, count($those[$text] ?? []));
                foreach ($extra as $result) {
                    $isListed = $this->isListed($result);
                    $found = $isListed && $found !== 'different' ? 'deviating' : 'different';
                    $this->output("$id: $side alone: " . $this->describe($result)
                        . ($isListed ? ' (listed deviation)' : '') . "\n");
                }
            }
        }
        return $found;
    }

    /** @return CheckResult[] */
    private function check(EntityId $entityId): array
    {
        $wbqc = new CheckingResultsSource($this->service('WBQC_DelegatingConstraintChecker'));
        return $wbqc->getResults([$entityId], [], null, CachingResultsSource::CACHED_STATUSES)->getArray();
    }

    /**
     * By what is stored of them, in no order, since the order of equals means nothing.
     * @param CheckResult[] $results
     * @return CheckResult[][]
     */
    private function byText(array $results): array
    {
        $texts = [];
        foreach ($results as $result) {
            $texts[json_encode($this->serialize($result))][] = $result;
        }
        return $texts;
    }

    private function serialize(CheckResult $result): array
    {
        $serialization = $this->service('WBQC_CheckResultSerializer')->serialize($result);
        unset($serialization['CM']); // how old it is
        return $serialization;
    }

    private function isListed(CheckResult $result): bool
    {
        $settings = self::DEVIATING;
        if (!$this->wbqcMatchesFormats()) {
            $settings[] = 'WBQualityConstraintsFormatConstraintId';
        }
        $types = array_map($this->getConfig()->get(...), $settings);
        return !$result instanceof NullResult
            && in_array($result->getConstraint()->getConstraintTypeItemId(), $types, true);
    }

    /** Whether WBQC can match regular expressions; otherwise it leaves formats todo. */
    private function wbqcMatchesFormats(): bool
    {
        $config = $this->getConfig();
        $share = $config->get('WBQualityConstraintsFormatCheckerShellboxRatio');
        $shellbox = $this->getServiceContainer()->getShellboxClientFactory();
        return ($share <= 0 || $shellbox->isEnabled('constraint-regex-checker'))
            && ($share >= 1 || $config->get('WBQualityConstraintsSparqlEndpoint') !== '');
    }

    /** Statement, constraint with its type, status and message. */
    private function describe(CheckResult $result): string
    {
        if ($result instanceof NullResult) {
            return 'was checked: ' . json_encode($this->serialize($result));
        }
        $constraint = $result->getConstraint();
        return $result->getContextCursor()->getStatementGuid() . ': '
            . "{$result->getStatus()} of {$constraint->getConstraintId()} "
            . "({$constraint->getConstraintTypeItemId()}): " . $this->message($result);
    }

    /** In English, as far as WBQC renders it; else its key. */
    private function message(CheckResult $result): string
    {
        $message = $result->getMessage();
        if ($message === null) {
            return 'no message';
        }
        try {
            $language = $this->getServiceContainer()->getLanguageFactory()->getLanguage('en');
            $html = $this->service('WBQC_ViolationMessageRendererFactory')->getViolationMessageRenderer(
                $language,
                $this->service('WikibaseRepo.LanguageFallbackChainFactory')->newFromLanguage($language),
                RequestContext::getMain()
            )->render($message);
            $text = html_entity_decode(strip_tags($html), ENT_QUOTES);
            return preg_replace('/\s+/', ' ', $text) . " [{$message->getMessageKey()}]";
        } catch (Throwable) {
            return $message->getMessageKey();
        }
    }
}

return CompareWithWbqc::class;
