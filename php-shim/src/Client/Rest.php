<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// A circuit breaker: after a failure requests pause for a while, so that not every request of the
// wiki waits for the timeout; then one process tries again, and the others wait for its outcome.
// Shared by all processes of a server if PHP has APCu, else local to this one.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Client;

use Wikimedia\ObjectCache\BagOStuff;

final class Rest
{
    private const REMEMBERED_SECONDS = 3600;

    private float $until = 0.0;
    private bool $tries = false;

    public function __construct(
        private readonly BagOStuff $cache,
        private readonly string $part,
        private readonly int $seconds
    ) {
    }

    public function isOver(): bool
    {
        return microtime(true) >= $this->until && $this->cache->get($this->key('rest')) === false;
    }

    /**
     * Call once before each attempt, and begin() or end() after it.
     * @param float $timeout Seconds after which the attempt is over in any case
     */
    public function mayTry(float $timeout): bool
    {
        if (!$this->isOver()) {
            return false;
        }
        if ($this->cache->get($this->key('away')) === false) {
            return true;
        }
        $this->tries = $this->cache->add($this->key('try'), 1, (int)ceil($timeout) + 1);
        return $this->tries;
    }

    /** The attempt failed. */
    public function begin(): void
    {
        $this->tries = false;
        if ($this->seconds > 0) {
            $this->until = microtime(true) + $this->seconds;
            $this->cache->set($this->key('away'), 1, $this->seconds + self::REMEMBERED_SECONDS);
            $this->cache->set($this->key('rest'), 1, $this->seconds);
            $this->cache->delete($this->key('try'));
        }
    }

    /** The attempt succeeded. */
    public function end(): void
    {
        if ($this->tries) {
            $this->tries = false;
            $this->cache->delete($this->key('away'));
            $this->cache->delete($this->key('try'));
        }
    }

    private function key(string $what): string
    {
        return $this->cache->makeGlobalKey("ConstraintRunner-$what", $this->part);
    }
}
