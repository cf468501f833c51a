<?php

// SPDX-License-Identifier: GPL-2.0-or-later

declare(strict_types=1);

use MediaWiki\Extension\ConstraintRunner\Client\RunnerAnswer;
use MediaWiki\Extension\ConstraintRunner\Client\RunnerClient;
use MediaWiki\Extension\ConstraintRunner\Results\EntityReports;
use MediaWiki\Extension\ConstraintRunner\Results\FreshResults;
use MediaWiki\Extension\ConstraintRunner\Results\ReaderJobs;
use MediaWiki\Extension\ConstraintRunner\Results\ReadResults;
use MediaWiki\Extension\ConstraintRunner\Results\ResultDecoder;
use MediaWiki\Extension\ConstraintRunner\Results\StoredResultsSource;
use MediaWiki\Extension\ConstraintRunner\Store\StoredResult;
use PHPUnit\Framework\TestCase;
use Wikibase\DataModel\Entity\EntityId;
use Wikibase\DataModel\Entity\EntityIdParser;
use WikibaseQuality\ConstraintReport\Api\CachingResultsSource;
use WikibaseQuality\ConstraintReport\Api\CheckingResultsSource;
use WikibaseQuality\ConstraintReport\ConstraintCheck\DelegatingConstraintChecker;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\CheckResultDeserializer;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\NullResult;

/**
 * The stored result of Q1 has a violation; what WBQC's stand-in finds is a warning.
 * @covers \MediaWiki\Extension\ConstraintRunner\Results\StoredResultsSource
 * @covers \MediaWiki\Extension\ConstraintRunner\Results\EntityReports
 */
final class StoredResultsSourceTest extends TestCase
{
    private const CURSOR = ['t' => 'statement', 'i' => 'Q1', 'p' => 'P10', 'g' => 'Q1$1', 'h' => ''];

    /** @var string[] What was asked of the runner, and noted for it */
    private array $calls = [];

    /** @param string $state fresh, stale or missing */
    private function source(string $state): StoredResultsSource
    {
        $stored = new StoredResult('Q1', 5, 1, '2026-11-21T18:20:00.123Z', 0.0, [], [], 'native', [
            'results' => [
                ['|' => ['t' => '\\entity', 'i' => 'Q1'], '0' => 1],
                ['|' => self::CURSOR, 'c' => ['id' => 'P10$1', 'pid' => 'P10', 'qid' => 'Q5'],
                    's' => 'violation'],
            ],
            'latestRevisionIds' => ['Q1' => 5],
        ]);
        $fresh = $this->createMock(FreshResults::class);
        $fresh->method('read')->willReturn(new ReadResults(
            $state === 'missing' ? [] : ['Q1' => $stored],
            ['Q1' => 6],
            $state === 'fresh' ? ['Q1' => $stored] : []
        ));
        $jobs = $this->createMock(ReaderJobs::class);
        $jobs->method('missing')->willReturnCallback(function (string $entity, int $revision): void {
            $this->calls[] = "missing $entity $revision";
        });
        $jobs->method('unread')->willReturnCallback(function (string $entity): void {
            $this->calls[] = "unread $entity";
        });
        $client = $this->createMock(RunnerClient::class);
        $client->method('isWorthTrying')->willReturn(true);
        $client->method('check')->willReturnCallback(
            function (string $entity, int $revision, string $otherThan): RunnerAnswer {
                $this->calls[] = trim("check $entity $revision $otherThan");
                return RunnerAnswer::away('not in time');
            }
        );
        $wbqc = new CheckingResultsSource(new DelegatingConstraintChecker());
        $decoder = new ResultDecoder(new CheckResultDeserializer(), new EntityIdParser(), []);
        $reports = new EntityReports($fresh, $decoder, $client, $wbqc, $jobs, 5000);
        $unused = array_fill(0, 10, null);
        return new StoredResultsSource(
            $wbqc,
            $reports,
            $jobs,
            new EntityIdParser(),
            [$wbqc, ...array_slice($unused, 0, 6), [], null, null]
        );
    }

    /** @return string[] Statuses; null for a null result */
    private function statuses(string $state, array $statuses, ?array $constraintIds = null): array
    {
        $results = $this->source($state)->getResults([new EntityId('Q1')], [], $constraintIds, $statuses);
        return array_map(
            static fn ($result) => $result instanceof NullResult ? 'null' : $result->getStatus(),
            $results->getArray()
        );
    }

    public function testWhatHoldsIsReadAndNothingIsAsked(): void
    {
        $this->assertSame(
            ['null', 'violation'],
            $this->statuses('fresh', CachingResultsSource::CACHED_STATUSES)
        );
        $this->assertSame(['null'], $this->statuses('fresh', ['warning']));
        $this->assertSame([], $this->calls);
    }

    /** @dataProvider noStatuses */
    public function testWithoutAKnownStatusTheStructureIsReadAndNothingIsChecked(array $statuses): void
    {
        $this->assertSame(['null'], $this->statuses('fresh', $statuses));
        $this->assertSame([], $this->calls);
    }

    public static function noStatuses(): array
    {
        return [[[]], [['']], [['nonsense', 'nothing']]];
    }

    public function testWhatIsStaleIsCheckedByTheRunnerThenByWbqcAndIsAJob(): void
    {
        $this->assertSame(
            ['null', 'warning'],
            $this->statuses('stale', CachingResultsSource::CACHED_STATUSES)
        );
        $this->assertSame(['check Q1 6 2026-11-21T18:20:00.123Z', 'missing Q1 6'], $this->calls);
    }

    public function testWhatIsMissingIsCheckedByTheRunnerThenByWbqcAndIsAJob(): void
    {
        $this->assertSame(['null', 'warning'], $this->statuses('missing', ['warning']));
        $this->assertSame(['check Q1 6', 'missing Q1 6'], $this->calls);
    }

    public function testOtherStatusesAreWbqcsAndTheStoreIsLookedIntoLater(): void
    {
        $this->assertSame(['null', 'warning'], $this->statuses('fresh', ['warning', 'compliance']));
        $this->assertSame(['unread Q1'], $this->calls);
    }

    public function testSomeConstraintsAloneAreNoCompleteResult(): void
    {
        $this->statuses('fresh', ['warning', 'compliance'], ['P10$1']);
        $this->assertSame([], $this->calls);
    }
}
