<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// A part that could not be reached is left alone for a while, so that not every request of the wiki
// waits for its timeout. Known to all processes of a server where PHP has APCu, else to this one.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Client;

use Wikimedia\ObjectCache\BagOStuff;

final class Rest
{
    private float $until = 0.0;

    public function __construct(
        private readonly BagOStuff $cache,
        private readonly string $part,
        private readonly int $seconds
    ) {
    }

    public function isOver(): bool
    {
        return microtime(true) >= $this->until && $this->cache->get($this->key()) === false;
    }

    public function begin(): void
    {
        if ($this->seconds > 0) {
            $this->until = microtime(true) + $this->seconds;
            $this->cache->set($this->key(), 1, $this->seconds);
        }
    }

    public function end(): void
    {
        $this->until = 0.0;
        $this->cache->delete($this->key());
    }

    private function key(): string
    {
        return $this->cache->makeGlobalKey('ConstraintRunner-rest', $this->part);
    }
}
