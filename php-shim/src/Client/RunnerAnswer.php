<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// The outcome of one request to the runner. A failure is a value, never an exception: an edit or
// a reader must not get an error because the runner is unavailable.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Client;

final class RunnerAnswer
{
    /**
     * @param int $status HTTP status; 0: there was no answer
     * @param array $body The decoded JSON object; empty when there was none
     * @param string $problem For the log when the status is not 2xx
     */
    public function __construct(
        public readonly int $status,
        public readonly array $body,
        public readonly string $problem = ''
    ) {
    }

    public static function away(string $problem): self
    {
        return new self(0, [], $problem);
    }

    public function isOk(): bool
    {
        return $this->status >= 200 && $this->status < 300;
    }

    /** The same request may well succeed later: no answer, overloaded, stopping, not in time. */
    public function isTemporary(): bool
    {
        return $this->status === 0 || $this->status === 408 || $this->status === 429
            || $this->status >= 500;
    }
}
