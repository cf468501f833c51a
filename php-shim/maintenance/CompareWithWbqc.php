<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Proof by sample: the stored results of some entities beside what WBQC finds now. Results that do
// not hold any more are skipped, since they would differ for good reason.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Maintenance;

use MediaWiki\Extension\ConstraintRunner\Store\Upkeep;
use Wikibase\DataModel\Entity\EntityIdParsingException;
use WikibaseQuality\ConstraintReport\Api\CachingResultsSource;
use WikibaseQuality\ConstraintReport\Api\CheckingResultsSource;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\CheckResult;

require_once __DIR__ . '/RunnerMaintenance.php';

class CompareWithWbqc extends RunnerMaintenance
{
    public function __construct()
    {
        parent::__construct();
        $this->addDescription('Compare stored results with what WikibaseQualityConstraints finds now.');
        $this->addOption('sample', 'How many entities, drawn by chance (default 100)', false, true);
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
        $counts = ['same' => 0, 'different' => 0, 'skipped' => 0];
        foreach ($ids as $id) {
            $found = $this->compare($id);
            $counts[$found]++;
            if ($found === 'different') {
                $this->output("$id differs\n");
            }
            $this->progress(array_sum($counts) . ' of ' . count($ids));
        }
        $this->progress('', true);
        $this->output("{$counts['same']} the same, {$counts['different']} different, "
            . "{$counts['skipped']} without a result that holds\n");
        if ($counts['different'] > 0) {
            $this->fatalError('There are differences.', self::EX_DATAERR);
        }
    }

    private function compare(string $id): string
    {
        try {
            $entityId = $this->service('WikibaseRepo.EntityIdParser')->parse($id);
        } catch (EntityIdParsingException) {
            return 'skipped';
        }
        $stored = $this->service('ConstraintRunner.EntityReports')->stored([$entityId])[$id] ?? null;
        if ($stored === null) {
            return 'skipped';
        }
        $wbqc = new CheckingResultsSource($this->service('WBQC_DelegatingConstraintChecker'));
        $checked = $wbqc->getResults([$entityId], [], null, CachingResultsSource::CACHED_STATUSES);
        return $this->normalize($stored->getArray()) === $this->normalize($checked->getArray())
            ? 'same' : 'different';
    }

    /**
     * As they are stored; equals in any order, since the order of equals means nothing.
     * @param CheckResult[] $results
     * @return string[]
     */
    private function normalize(array $results): array
    {
        $serializer = $this->service('WBQC_CheckResultSerializer');
        $texts = array_map(static function (CheckResult $result) use ($serializer): string {
            $serialization = $serializer->serialize($result);
            unset($serialization['CM']); // how old it is
            return json_encode($serialization);
        }, $results);
        sort($texts);
        return $texts;
    }
}

return CompareWithWbqc::class;
