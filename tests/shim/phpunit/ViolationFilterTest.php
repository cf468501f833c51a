<?php

// SPDX-License-Identifier: GPL-2.0-or-later

declare(strict_types=1);

use MediaWiki\Extension\ConstraintRunner\Store\ViolationFilter;
use MediaWiki\Extension\ConstraintRunner\Store\Violations;
use PHPUnit\Framework\TestCase;

/** @covers \MediaWiki\Extension\ConstraintRunner\Store\ViolationFilter */
final class ViolationFilterTest extends TestCase
{
    public function testEmptyFieldsFilterNothing(): void
    {
        $filter = ViolationFilter::of('', ' ', '', '');
        $this->assertSame([], $filter->toConditions());
        $this->assertSame([], $filter->problems);
    }

    public function testWhatPeopleTypeIsUnderstood(): void
    {
        $filter = ViolationFilter::of('q42', ' p31 ', 'q21510865', 'bad-parameters');
        $this->assertSame([
            'entity' => 'Q42',
            'property' => 31,
            'type' => 'Q21510865',
            'status' => 'bad-parameters',
        ], $filter->toConditions());
    }

    public function testTheClassStandsInAnotherTable(): void
    {
        $filter = ViolationFilter::of('', '', '', '', ' q5');
        $this->assertSame(['class' => 'Q5'], $filter->toQuery());
        $this->assertSame([], $filter->toConditions());
    }

    public function testDirectInstancesAreNothingWithoutAClass(): void
    {
        $this->assertSame([], ViolationFilter::of('', '', '', '', '', true)->toQuery());
        $filter = ViolationFilter::of('', '', '', '', 'Q5', true);
        $this->assertSame(['class' => 'Q5', 'direct' => '1'], $filter->toQuery());
        $this->assertSame([], $filter->toConditions());
    }

    /** @dataProvider nonsense */
    public function testNonsenseIsNamed(array $fields, string $problem): void
    {
        $filter = ViolationFilter::of(...$fields);
        $this->assertSame([$problem], $filter->problems);
        $this->assertSame([], $filter->toConditions());
    }

    public static function nonsense(): array
    {
        return [
            [['Q0', '', '', ''], 'entity'],
            [['', 'P01', '', ''], 'property'],
            [['', "P1' OR 1", '', ''], 'property'],
            [['', 'P9999999999', '', ''], 'property'],
            [['', '', 'P31', ''], 'type'],
            [['', '', '', 'compliance'], 'status'],
            [['', '', '', '', 'P5'], 'class'],
        ];
    }

    public function testCursorsFromOutsideAreChecked(): void
    {
        $this->assertTrue(Violations::isCursor('Q1|Q1$a|P1$b'));
        foreach (['', 'Q1', 'a|b', 'a|b|c|d', "a|b|\0", "a|b|\xff"] as $wrong) {
            $this->assertFalse(Violations::isCursor($wrong), json_encode($wrong) ?: 'bytes');
        }
    }
}
