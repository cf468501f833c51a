<?php

// SPDX-License-Identifier: GPL-2.0-or-later

declare(strict_types=1);

use MediaWiki\Deferred\DeferredUpdates;
use MediaWiki\Extension\ConstraintRunner\Client\RunnerAnswer;
use MediaWiki\Extension\ConstraintRunner\Client\RunnerClient;
use MediaWiki\Extension\ConstraintRunner\HandOver\EntityJob;
use MediaWiki\Extension\ConstraintRunner\HandOver\HandOver;
use PHPUnit\Framework\TestCase;
use Psr\Log\NullLogger;

/** @covers \MediaWiki\Extension\ConstraintRunner\HandOver\HandOver */
final class HandOverTest extends TestCase
{
    /** @var array[] What the runner was sent, request by request */
    private array $sent = [];
    /** @var string[] Entities that were kept */
    private array $kept = [];

    /** @param Closure(array):RunnerAnswer $answer */
    private function handOver(Closure $answer): HandOver
    {
        $client = $this->createMock(RunnerClient::class);
        $client->method('isWorthTrying')->willReturn(true);
        $client->method('postJobs')->willReturnCallback(function (array $jobs) use ($answer) {
            $this->sent[] = $jobs;
            return $answer($jobs);
        });
        $queue = $this->createMock(JobQueueGroup::class);
        $queue->method('push')->willReturnCallback(function (array $jobs): void {
            foreach ($jobs as $job) {
                $this->kept[] = $job->getParams()['entity'];
            }
        });
        return new HandOver($client, $queue, new NullLogger());
    }

    private static function jobs(int $count, ?Closure $document = null): array
    {
        return array_map(
            static fn (int $n) => new EntityJob("Q$n", $n, 'normal', $document),
            range(1, $count)
        );
    }

    public function testManyJobsAreFewRequests(): void
    {
        $ok = static fn () => new RunnerAnswer(202, []);
        $this->assertSame(450, $this->handOver($ok)->now(self::jobs(450)));
        $this->assertSame([200, 200, 50], array_map('count', $this->sent));
        $this->assertSame([], $this->kept);
    }

    /** @return array[] What is sent of jobs that came in this order */
    private function sentOf(EntityJob ...$jobs): array
    {
        $handOver = $this->handOver(static fn () => new RunnerAnswer(202, []));
        $scope = DeferredUpdates::preventOpportunisticUpdates(); // on the command line
        foreach ($jobs as $job) {
            $handOver->later($job);
        }
        $handOver->flush();
        return array_merge(...$this->sent);
    }

    public function testOfTwoJobsTheLaterRevisionCounts(): void
    {
        $sent = $this->sentOf(new EntityJob('Q1', 7), new EntityJob('Q1', 6));
        $this->assertSame([['type' => 'check', 'entity' => 'Q1', 'revision' => 7]], $sent);
    }

    public function testAJobThatAsksTheWikiIsNotReplacedByARevision(): void
    {
        $document = static fn () => ['id' => 'Q1'];
        $ask = ['type' => 'check', 'entity' => 'Q1'];
        $edit = new EntityJob('Q1', 7, 'normal', $document);
        $this->assertSame([$ask], $this->sentOf(new EntityJob('Q1'), $edit));
        $this->sent = [];
        $this->assertSame([$ask], $this->sentOf($edit, new EntityJob('Q1')));
    }

    public function testWhatWasAskedForGivesWayToAnEdit(): void
    {
        $sent = $this->sentOf(
            new EntityJob('Q1', reason: EntityJob::REQUEST),
            new EntityJob('Q1', 7)
        );
        $this->assertSame([['type' => 'check', 'entity' => 'Q1', 'revision' => 7]], $sent);
    }

    public function testNoJobsAreNoRequest(): void
    {
        $this->assertSame(0, $this->handOver(static fn () => RunnerAnswer::away(''))->now([]));
        $this->assertSame([], $this->sent);
    }

    /** @dataProvider troubles */
    public function testWhatTheRunnerCantTakeNowIsKept(RunnerAnswer $trouble): void
    {
        $this->assertSame(0, $this->handOver(static fn () => $trouble)->now(self::jobs(2)));
        $this->assertSame(['Q1', 'Q2'], $this->kept);
    }

    public static function troubles(): array
    {
        return [
            [RunnerAnswer::away('nobody there')],
            [new RunnerAnswer(503, [])],
            [new RunnerAnswer(500, [])],
            [new RunnerAnswer(404, [])], // the wiki is not configured there yet
        ];
    }

    public function testOneBadJobDoesNotKeepTheOthers(): void
    {
        $answer = static fn (array $jobs) => new RunnerAnswer(
            in_array('Q2', array_column($jobs, 'entity'), true) ? 400 : 202,
            []
        );
        $this->handOver($answer)->now(self::jobs(3));
        $this->assertSame([], $this->kept, 'a job that is refused for good is not tried for ever');
        $this->assertContains('Q3', array_merge(...array_map(
            static fn (array $jobs) => count($jobs) === 1 ? array_column($jobs, 'entity') : [],
            $this->sent
        )));
    }

    public function testADocumentThatIsRefusedIsLeftOut(): void
    {
        $answer = static fn (array $jobs) => new RunnerAnswer(
            isset($jobs[0]['document']) ? 413 : 202,
            []
        );
        $handOver = $this->handOver($answer);
        $this->assertSame(1, $handOver->now(self::jobs(1, static fn () => ['id' => 'Q1'])));
        $this->assertCount(2, $this->sent);
    }

    public function testADocumentThatCantBeMadeIsLeftOut(): void
    {
        $broken = static fn () => throw new RuntimeException('no such type');
        $handOver = $this->handOver(static fn () => new RunnerAnswer(202, []));
        $this->assertSame(1, $handOver->now(self::jobs(1, $broken)));
        $this->assertArrayNotHasKey('document', $this->sent[0][0]);
    }
}
