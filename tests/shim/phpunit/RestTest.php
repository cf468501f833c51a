<?php

// SPDX-License-Identifier: GPL-2.0-or-later

declare(strict_types=1);

use MediaWiki\Extension\ConstraintRunner\Client\Rest;
use PHPUnit\Framework\TestCase;
use Wikimedia\ObjectCache\EmptyBagOStuff;
use Wikimedia\ObjectCache\HashBagOStuff;

/**
 * Objects with one cache are processes of one server. The cache's clock is the test's; a process
 * also looks at its own, so one that shall know nothing of a failure is made after it.
 * @covers \MediaWiki\Extension\ConstraintRunner\Client\Rest
 */
final class RestTest extends TestCase
{
    private HashBagOStuff $cache;
    private float $now = 1800000000.0;

    protected function setUp(): void
    {
        $this->cache = new HashBagOStuff();
        $this->cache->setMockTime($this->now);
    }

    private function process(): Rest
    {
        return new Rest($this->cache, 'part', 10);
    }

    public function testAllTryWhileItCanBeReached(): void
    {
        for ($i = 0; $i < 3; ++$i) {
            $process = $this->process();
            $this->assertTrue($process->mayTry(1.0));
            $process->end();
        }
    }

    public function testNobodyTriesDuringTheRest(): void
    {
        $one = $this->process();
        $one->begin();
        $this->assertFalse($one->isOver() || $one->mayTry(1.0));
        $this->now += 9;
        $this->assertFalse($this->process()->isOver() || $this->process()->mayTry(1.0));
    }

    public function testThenOneTriesAndTheOthersWait(): void
    {
        $this->process()->begin();
        $this->now += 11;
        $this->assertTrue($this->process()->isOver());
        $this->assertTrue($this->process()->mayTry(1.0));
        $this->assertFalse($this->process()->mayTry(1.0));
        $this->assertFalse($this->process()->mayTry(1.0));
    }

    public function testAllTryAgainWhenThatOneSucceeds(): void
    {
        $this->process()->begin();
        $this->now += 11;
        $one = $this->process();
        $this->assertTrue($one->mayTry(1.0));
        $one->end();
        $this->assertTrue($this->process()->mayTry(1.0));
        $this->assertTrue($this->process()->mayTry(1.0));
    }

    public function testAllRestAgainWhenThatOneFails(): void
    {
        $this->process()->begin();
        $this->now += 11;
        $one = $this->process();
        $this->assertTrue($one->mayTry(1.0));
        $one->begin();
        $this->assertFalse($this->process()->mayTry(1.0));
        $this->now += 11;
        $this->assertTrue($this->process()->mayTry(1.0), 'the attempt that failed is still held for one');
    }

    public function testAnotherTriesWhenThatOneDied(): void
    {
        $this->process()->begin();
        $this->now += 11;
        $this->assertTrue($this->process()->mayTry(1.0));
        $this->now += 3;
        $this->assertTrue($this->process()->mayTry(1.0));
    }

    public function testASuccessThatBeganBeforeTheFailureEndsNoRest(): void
    {
        $slow = $this->process();
        $this->assertTrue($slow->mayTry(1.0));
        $this->process()->begin();
        $slow->end();
        $this->assertFalse($this->process()->mayTry(1.0));
    }

    public function testWithoutASharedCacheAProcessKnowsItsOwnFailures(): void
    {
        $one = new Rest(new EmptyBagOStuff(), 'part', 10);
        $other = new Rest(new EmptyBagOStuff(), 'part', 10);
        $one->begin();
        $this->assertFalse($one->mayTry(1.0));
        $this->assertTrue($other->mayTry(1.0));
    }

    public function testNoSecondsAreNoRest(): void
    {
        $one = new Rest($this->cache, 'part', 0);
        $one->begin();
        $this->assertTrue($one->mayTry(1.0) && $this->process()->mayTry(1.0));
    }
}
