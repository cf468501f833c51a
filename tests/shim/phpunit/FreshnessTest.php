<?php

// SPDX-License-Identifier: GPL-2.0-or-later

declare(strict_types=1);

use MediaWiki\Extension\ConstraintRunner\Results\Freshness;
use MediaWiki\Extension\ConstraintRunner\Store\StoredResult;
use PHPUnit\Framework\TestCase;
use Wikibase\DataModel\Entity\EntityIdParser;
use Wikibase\Lib\Store\Sql\WikiPageEntityMetaDataAccessor;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Helper\TimeValueComparer;

/** @covers \MediaWiki\Extension\ConstraintRunner\Results\Freshness */
final class FreshnessTest extends TestCase
{
    /** @param array $wiki What the wiki's database says */
    private static function freshness(array $wiki, bool $future = true): Freshness
    {
        $accessor = new class ($wiki) implements WikiPageEntityMetaDataAccessor {
            public function __construct(private readonly array $wiki)
            {
            }

            public function loadLatestRevisionIds(array $entityIds, $mode)
            {
                $found = [];
                foreach (array_reverse($entityIds) as $id) { // in any order
                    $found[(string)$id] = $this->wiki[(string)$id] ?? false;
                }
                return $found;
            }
        };
        $comparer = new class ($future) extends TimeValueComparer {
            public function __construct(private readonly bool $future)
            {
            }

            public function isFutureTime($timeValue)
            {
                return $this->future;
            }
        };
        return new Freshness($accessor, new EntityIdParser(), $comparer);
    }

    private static function holds(array $recorded, array $wiki, array $more = [], bool $future = true): bool
    {
        $value = ['results' => [], 'latestRevisionIds' => $recorded] + $more;
        $stored = new StoredResult('Q1', 1, 1, '', 0.0, [], [], 'native', $value);
        $freshness = self::freshness($wiki, $future);
        $latest = $freshness->latestRevisions(Freshness::dependencies([$stored]));
        return Freshness::changed($stored, $latest) === [] && $freshness->isInTime($stored);
    }

    public function testOrderAndTypesOfRevisionsDoNotMatter(): void
    {
        $this->assertTrue(self::holds(['Q1' => 5, 'P2' => 7], ['P2' => '7', 'Q1' => 5]));
    }

    public function testAnotherRevisionOfAnythingMakesItStale(): void
    {
        $this->assertFalse(self::holds(['Q1' => 5, 'P2' => 7], ['Q1' => 5, 'P2' => 8]));
        $this->assertFalse(self::holds(['Q1' => 5], ['Q1' => 6]));
        $this->assertFalse(self::holds(['Q1' => 5], []), 'it was deleted');
    }

    public function testWhatWasMissingMayStayMissing(): void
    {
        $this->assertTrue(self::holds(['Q1' => 5, 'Q9' => 0], ['Q1' => 5]));
        $this->assertFalse(self::holds(['Q1' => 5, 'Q9' => 0], ['Q1' => 5, 'Q9' => 3]));
    }

    public function testAnEntityOfAnUnknownTypeIsMissing(): void
    {
        $this->assertTrue(self::holds(['Q1' => 5, 'L7' => 0], ['Q1' => 5]));
        $this->assertFalse(self::holds(['Q1' => 5, 'L7' => 4], ['Q1' => 5]));
    }

    public function testATimeThatHasComeMakesItStale(): void
    {
        $time = ['futureTime' => ['time' => '+2026-01-01T00:00:00Z']];
        $this->assertTrue(self::holds(['Q1' => 5], ['Q1' => 5], $time));
        $this->assertFalse(self::holds(['Q1' => 5], ['Q1' => 5], $time, false));
    }

    public function testNothingIsAskedForNothing(): void
    {
        $this->assertSame([], self::freshness([])->latestRevisions([]));
    }
}
