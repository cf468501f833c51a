<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Frames of a length, a number and JSON text (src/php/frame.hpp of the runner), on two streams.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Worker;

use RuntimeException;

final class Frames
{
    private const HEADER = 8;
    private const MAX_REQUEST = 256 << 20;

    /**
     * @param resource $in
     * @param resource $out
     */
    public function __construct(private $in, private $out)
    {
    }

    /** @return array{int,string}|null Number and text; null: there are no more requests */
    public function read(): ?array
    {
        $header = $this->bytes(self::HEADER);
        if ($header === null) {
            return null;
        }
        ['length' => $length, 'number' => $number] = unpack('Nlength/Nnumber', $header);
        if ($length > self::MAX_REQUEST) {
            throw new RuntimeException('these are no frames');
        }
        $text = $this->bytes($length);
        return $text === null ? null : [$number, $text];
    }

    public function write(int $number, array $message): void
    {
        $text = json_encode($message, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE
            | JSON_PRESERVE_ZERO_FRACTION | JSON_INVALID_UTF8_SUBSTITUTE | JSON_THROW_ON_ERROR);
        $rest = pack('NN', strlen($text), $number) . $text;
        while ($rest !== '') {
            $written = @fwrite($this->out, $rest);
            if ($written === false || $written === 0) {
                throw new RuntimeException('nobody reads the answers');
            }
            $rest = substr($rest, $written);
        }
        fflush($this->out);
    }

    private function bytes(int $count): ?string
    {
        $bytes = '';
        while (strlen($bytes) < $count) {
            $part = fread($this->in, $count - strlen($bytes));
            if ($part === false || $part === '') {
                return null;
            }
            $bytes .= $part;
        }
        return $bytes;
    }
}
