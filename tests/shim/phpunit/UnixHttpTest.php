<?php

// SPDX-License-Identifier: GPL-2.0-or-later

declare(strict_types=1);

use MediaWiki\Extension\ConstraintRunner\Client\UnixHttp;
use PHPUnit\Framework\TestCase;

/** @covers \MediaWiki\Extension\ConstraintRunner\Client\UnixHttp */
final class UnixHttpTest extends TestCase
{
    private string $socket;
    /** @var resource|null */
    private $server = null;

    protected function setUp(): void
    {
        $this->socket = sys_get_temp_dir() . '/unix-http-' . getmypid() . '-' . mt_rand();
    }

    protected function tearDown(): void
    {
        if ($this->server !== null) {
            proc_terminate($this->server, 9);
            proc_close($this->server);
        }
        @unlink($this->socket);
    }

    /** A server in another process that gives this answer to one request, after this pause. */
    private function serve(string $answer, float $pause = 0.0): UnixHttp
    {
        $code = '[, $path, $answer, $pause] = $argv; $s = stream_socket_server("unix://$path");'
            . 'echo "up"; $c = stream_socket_accept($s, 20); fread($c, 1 << 20);'
            . 'usleep((int)((float)$pause * 1e6)); fwrite($c, base64_decode($answer));';
        $this->server = proc_open(
            [PHP_BINARY, '-r', $code, $this->socket, base64_encode($answer), (string)$pause],
            [1 => ['pipe', 'w']],
            $pipes
        );
        fread($pipes[1], 2);
        return new UnixHttp($this->socket, 1.0);
    }

    public function testAnAnswerIsDecoded(): void
    {
        $http = $this->serve("HTTP/1.1 202 Accepted\r\nContent-Length: 14\r\n\r\n{\"accepted\":3}");
        $answer = $http->request('POST', '/v1/jobs', '{}', 5);
        $this->assertTrue($answer->isOk());
        $this->assertSame(['accepted' => 3], $answer->body);
    }

    public function testAnErrorNamesItsField(): void
    {
        $body = '{"error":{"code":"bad_field","message":"missing","field":"jobs[0].entity"}}';
        $http = $this->serve("HTTP/1.1 400 Bad\r\nContent-Length: " . strlen($body) . "\r\n\r\n$body");
        $answer = $http->request('POST', '/v1/jobs', '{}', 5);
        $this->assertFalse($answer->isOk());
        $this->assertFalse($answer->isTemporary());
        $this->assertSame('400 missing (jobs[0].entity)', $answer->problem);
    }

    /** @dataProvider brokenAnswers */
    public function testABrokenAnswerIsNoAnswer(string $text): void
    {
        $answer = $this->serve($text)->request('GET', '/', null, 5);
        $this->assertSame(0, $answer->status);
        $this->assertTrue($answer->isTemporary());
    }

    public static function brokenAnswers(): array
    {
        return [
            [''],
            ['SSH-2.0-something'],
            ["HTTP/1.1 200 OK\r\nContent-Length: 3"],
            ["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"],
        ];
    }

    public function testItDoesNotWaitBeyondItsTime(): void
    {
        $http = $this->serve("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 10);
        $begin = microtime(true);
        $answer = $http->request('GET', '/', null, 0.3);
        $this->assertSame(0, $answer->status);
        $this->assertLessThan(3, microtime(true) - $begin);
        $this->assertStringContainsString('no answer within 0.3 s', $answer->problem);
    }

    public function testNobodyThereIsSaidAtOnce(): void
    {
        $begin = microtime(true);
        $answer = (new UnixHttp($this->socket, 0.1))->request('GET', '/', null, 5);
        $this->assertSame(0, $answer->status);
        $this->assertLessThan(1, microtime(true) - $begin);
    }
}
