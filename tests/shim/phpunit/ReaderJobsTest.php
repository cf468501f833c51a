<?php

// SPDX-License-Identifier: GPL-2.0-or-later

declare(strict_types=1);

use MediaWiki\Extension\ConstraintRunner\HandOver\EntityJob;
use MediaWiki\Extension\ConstraintRunner\HandOver\HandOver;
use MediaWiki\Extension\ConstraintRunner\Results\FreshResults;
use MediaWiki\Extension\ConstraintRunner\Results\ReaderJobs;
use MediaWiki\Extension\ConstraintRunner\Results\ReadResults;
use MediaWiki\Extension\ConstraintRunner\Store\StoredResult;
use PHPUnit\Framework\TestCase;

/** @covers \MediaWiki\Extension\ConstraintRunner\Results\ReaderJobs */
final class ReaderJobsTest extends TestCase
{
    /** @var array[] */
    private array $later = [];
    /** @var array[] */
    private array $now = [];

    private function jobs(?ReadResults $read): ReaderJobs
    {
        $handOver = $this->createMock(HandOver::class);
        $handOver->method('later')->willReturnCallback(function (EntityJob $job): void {
            $this->later[] = $job->toArray(true);
        });
        $handOver->method('now')->willReturnCallback(function (array $jobs): int {
            foreach ($jobs as $job) {
                $this->now[] = $job->toArray(true);
            }
            return count($jobs);
        });
        $fresh = $this->createMock(FreshResults::class);
        $fresh->method('read')->willReturn($read);
        return new ReaderJobs($handOver, $fresh);
    }

    public function testAMissingResultIsAJobWithTheRevisionThatWasChecked(): void
    {
        $jobs = $this->jobs(null);
        $jobs->missing('Q1', 7);
        $jobs->missing('Q2', 0); // missing, or a redirect
        $this->assertSame(
            [['type' => 'check', 'entity' => 'Q1', 'revision' => 7, 'reason' => 'request']],
            $this->later
        );
    }

    public function testOnlyWhatTheStoreDoesNotHaveBecomesAJob(): void
    {
        $stored = new StoredResult('Q1', 5, 1, '', 0.0, [], [], 'native', []);
        $jobs = $this->jobs(new ReadResults(
            ['Q1' => $stored],
            ['Q1' => 5, 'Q2' => 6, 'Q3' => 0],
            ['Q1' => $stored]
        ));
        foreach (['Q1', 'Q2', 'Q3'] as $entity) {
            $jobs->unread($entity); // on the command line some may be looked up at once
        }
        $jobs->look();
        $this->now = array_values(array_unique($this->now, SORT_REGULAR));
        $this->assertSame(
            [['type' => 'check', 'entity' => 'Q2', 'revision' => 6, 'reason' => 'request']],
            $this->now
        );
        $this->assertSame([], $this->later);
    }

    public function testWithoutTheDatabaseThereIsNoJob(): void
    {
        $jobs = $this->jobs(null);
        $jobs->unread('Q1');
        $jobs->look();
        $this->assertSame([], $this->now);
    }
}
