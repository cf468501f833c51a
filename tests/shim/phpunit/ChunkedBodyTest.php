<?php

// SPDX-License-Identifier: GPL-2.0-or-later

declare(strict_types=1);

use MediaWiki\Extension\ConstraintRunner\Client\ChunkedBody;
use PHPUnit\Framework\TestCase;

/** @covers \MediaWiki\Extension\ConstraintRunner\Client\ChunkedBody */
final class ChunkedBodyTest extends TestCase
{
    /** @return array{bool,string} Whether it was complete, and what was written */
    private function read(string $text, int $step): array
    {
        $parts = str_split($text, $step);
        $out = fopen('php://memory', 'w+b');
        $body = new ChunkedBody('', static function () use (&$parts): ?string {
            return array_shift($parts);
        });
        $isComplete = $body->copyTo($out);
        rewind($out);
        return [$isComplete, stream_get_contents($out)];
    }

    public function testChunksAreJoinedHoweverTheyArrive(): void
    {
        $text = "5\r\nHello\r\n1;name=value\r\n,\r\nA\r\n World\r\n..\r\n0\r\n\r\n";
        foreach (range(1, strlen($text)) as $step) {
            $this->assertSame([true, "Hello, World\r\n.."], $this->read($text, $step), "steps of $step");
        }
    }

    public function testABodyThatBreaksOffIsNotComplete(): void
    {
        $text = "5\r\nHello\r\n3\r\nabc\r\n0\r\n";
        for ($length = 0; $length < strlen($text) - 2; $length++) {
            $this->assertFalse($this->read(substr($text, 0, $length) . ' ', 4)[0], "$length bytes");
        }
    }

    public static function provideNonsense(): array
    {
        return [["x\r\n"], ["-1\r\n"], ["\r\n"], ["123456789\r\n"], ["5\r\nHelloXX0\r\n\r\n"],
            [str_repeat('a', 9999)]];
    }

    /** @dataProvider provideNonsense */
    public function testNonsenseIsNotComplete(string $text): void
    {
        $this->assertFalse($this->read($text, 1000)[0]);
    }

    public function testWhatCannotBeWrittenIsNotComplete(): void
    {
        $out = fopen('php://memory', 'rb');
        $body = new ChunkedBody("1\r\na\r\n0\r\n\r\n", static fn (): ?string => null);
        $this->assertFalse($body->copyTo($out));
    }
}
