<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Reads a chunked response body (RFC 9112, section 7.1) as a stream, and distinguishes a truncated
// body from a complete one.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Client;

use Closure;

final class ChunkedBody
{
    private const LONGEST_LINE = 4096;

    /**
     * @param string $buffer The bytes received after the response head
     * @param Closure $more Gives the next bytes as a string; null when there are none any more
     */
    public function __construct(
        private string $buffer,
        private readonly Closure $more
    ) {
    }

    /**
     * @param resource $to
     * @return bool Whether all of it came, and was written
     */
    public function copyTo($to): bool
    {
        while (($size = $this->sizeOfNext()) !== null) {
            if ($size === 0) {
                return true; // the runner sends no trailers
            }
            if (!$this->copyChunk($size, $to)) {
                return false;
            }
        }
        return false;
    }

    private function sizeOfNext(): ?int
    {
        while (($end = strpos($this->buffer, "\r\n")) === false) {
            if (strlen($this->buffer) > self::LONGEST_LINE || !$this->read()) {
                return null;
            }
        }
        $line = substr($this->buffer, 0, $end);
        $this->buffer = substr($this->buffer, $end + 2);
        return preg_match('/^[0-9a-f]{1,8}(?=;|$)/i', $line, $match) ? (int)hexdec($match[0]) : null;
    }

    /** @param resource $to */
    private function copyChunk(int $size, $to): bool
    {
        while ($size > 0) {
            if ($this->buffer === '' && !$this->read()) {
                return false;
            }
            $part = substr($this->buffer, 0, $size);
            $this->buffer = substr($this->buffer, strlen($part));
            $size -= strlen($part);
            if (@fwrite($to, $part) !== strlen($part)) {
                return false;
            }
        }
        while (strlen($this->buffer) < 2) {
            if (!$this->read()) {
                return false;
            }
        }
        $isEnded = str_starts_with($this->buffer, "\r\n");
        $this->buffer = substr($this->buffer, 2);
        return $isEnded;
    }

    private function read(): bool
    {
        $part = ($this->more)();
        $this->buffer .= $part ?? '';
        return $part !== null;
    }
}
