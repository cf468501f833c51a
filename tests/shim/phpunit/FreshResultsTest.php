<?php

// SPDX-License-Identifier: GPL-2.0-or-later

declare(strict_types=1);

use MediaWiki\Extension\ConstraintRunner\Results\FreshResults;
use MediaWiki\Extension\ConstraintRunner\Results\Freshness;
use MediaWiki\Extension\ConstraintRunner\Results\ReadResults;
use MediaWiki\Extension\ConstraintRunner\Store\Results;
use MediaWiki\Extension\ConstraintRunner\Store\StoredResult;
use PHPUnit\Framework\TestCase;
use Wikibase\DataModel\Entity\EntityIdParser;
use Wikibase\Lib\Store\Sql\WikiPageEntityMetaDataAccessor;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Helper\TimeValueComparer;

/**
 * A result of Q1 that depends on Q1 at revision 5, on P2 at 7 and on Q3, which is missing.
 * @covers \MediaWiki\Extension\ConstraintRunner\Results\FreshResults
 */
final class FreshResultsTest extends TestCase
{
    private const CHECKED = ['Q1' => 5, 'P2' => 7, 'Q3' => 0];

    /** @var array[] What the store was asked about dependencies */
    private array $asked = [];

    /**
     * @param int[] $wiki Latest revisions
     * @param int[] $unchanged Revisions at which the store knows a dependency to look the same
     */
    private function read(array $wiki, array $unchanged, array $more = []): ReadResults
    {
        $value = ['results' => [], 'latestRevisionIds' => self::CHECKED] + $more;
        $results = $this->createMock(Results::class);
        $results->method('read')->willReturn(
            ['Q1' => new StoredResult('Q1', 5, 1, '', 0.0, [], [], 'native', $value)]
        );
        $results->method('unchangedDependencies')->willReturnCallback(
            function (array $stored, array $dependencies) use ($unchanged): array {
                $this->asked[] = $dependencies;
                return ['Q1' => array_intersect_key($unchanged, array_flip($dependencies['Q1']))];
            }
        );
        $accessor = $this->createMock(WikiPageEntityMetaDataAccessor::class);
        $accessor->method('loadLatestRevisionIds')->willReturnCallback(
            static fn (array $ids) => array_combine(
                array_map('strval', $ids),
                array_map(static fn ($id) => $wiki[(string)$id] ?? false, $ids)
            )
        );
        $comparer = $this->createMock(TimeValueComparer::class);
        $comparer->method('isFutureTime')->willReturn(false);
        return (new FreshResults($results, new Freshness($accessor, new EntityIdParser(), $comparer)))
            ->read(['Q1']);
    }

    public function testWhereNothingWasEditedTheStoreIsNotAskedAgain(): void
    {
        $this->assertCount(1, $this->read(self::CHECKED, [])->fresh);
        $this->assertSame([], $this->asked);
    }

    public function testAnEditOfADependencyThatChangedNothingVisibleLeavesTheResultFresh(): void
    {
        $read = $this->read(['Q1' => 5, 'P2' => 8], ['P2' => 8]);
        $this->assertSame([['Q1' => ['P2']]], $this->asked);
        $this->assertSame(
            ['Q1' => 5, 'P2' => 8, 'Q3' => 0],
            $read->fresh['Q1']->value['latestRevisionIds'],
            'the newer revision is given out, in the order of the result'
        );
        $this->assertSame(self::CHECKED, $read->stored['Q1']->value['latestRevisionIds']);
    }

    /** @dataProvider stale */
    public function testWhatTheStoreDoesNotKnowIsStaleByWbqcsRule(array $wiki, array $unchanged): void
    {
        $this->assertSame([], $this->read($wiki, $unchanged)->fresh);
    }

    public static function stale(): array
    {
        return [
            'no row, or an unknown hash' => [['Q1' => 5, 'P2' => 8], []],
            'the store has another revision of it' => [['Q1' => 5, 'P2' => 9], ['P2' => 8]],
            'only one of two' => [['Q1' => 5, 'P2' => 8, 'Q3' => 2], ['P2' => 8]],
            'the entity itself was edited' => [['Q1' => 6, 'P2' => 7], ['Q1' => 6]],
            'it was deleted' => [['Q1' => 5], ['P2' => 7]],
        ];
    }

    public function testATimeThatHasComeMakesItStaleAllTheSame(): void
    {
        $time = ['futureTime' => ['time' => '+2026-01-01T00:00:00Z']];
        $this->assertSame([], $this->read(['Q1' => 5, 'P2' => 8], ['P2' => 8], $time)->fresh);
    }
}
