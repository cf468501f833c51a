<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// A part that could not be reached is left alone for a while, so that not every request of the wiki
// waits for its timeout; then one process tries it, and the others wait for what that one finds.
// Known to all processes of a server where PHP has APCu, else to this one.

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
     * To be asked once before each attempt, whose end is told by begin() or end().
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

    /** It could not be reached. */
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

    /** It could be reached. */
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
