<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// One HTTP/1.1 request over a Unix socket, with a deadline for the whole of it. MediaWiki's own HTTP
// client can't do Unix sockets with a connect timeout below a second.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Client;

final class UnixHttp
{
    private const MAX_ANSWER = 64 << 20;

    public function __construct(
        private readonly string $socket,
        private readonly float $connectTimeout
    ) {
    }

    /**
     * @param ?string $body JSON; null: none
     * @param float $timeout Seconds for sending and for the answer, beyond connecting
     */
    public function request(string $method, string $path, ?string $body, float $timeout): RunnerAnswer
    {
        $stream = $this->connect($problem);
        if ($stream === null) {
            return RunnerAnswer::away($problem);
        }
        $deadline = microtime(true) + $timeout;
        $head = $body === null ? ''
            : "Content-Type: application/json\r\nContent-Length: " . strlen($body) . "\r\n";
        $sent = $this->send($stream, self::head($method, $path, $head) . $body, $deadline);
        // also after a broken send: the answer may say why (413)
        $answer = $this->receive($stream, $deadline);
        fclose($stream);
        return self::parse($answer) ?? RunnerAnswer::away(
            $sent && microtime(true) >= $deadline
                ? sprintf('%s %s: no answer within %.1f s', $method, $path, $timeout)
                : "$method $path: the connection broke"
        );
    }

    /**
     * GET of a body that is too large for memory.
     * @param resource $to Where it is written as it comes
     * @param float $timeout Seconds for each part of the answer
     * @return RunnerAnswer Of a whole body: with Dump-Position as `position`. Of one that broke off or
     *  could not be written the status is 0.
     */
    public function download(string $path, $to, float $timeout): RunnerAnswer
    {
        $stream = $this->connect($problem);
        if ($stream === null) {
            return RunnerAnswer::away($problem);
        }
        $this->send($stream, self::head('GET', $path), microtime(true) + $timeout);
        $more = function () use ($stream, $timeout): ?string {
            $part = $this->wait($stream, true, microtime(true) + $timeout)
                ? @fread($stream, 1 << 16) : false;
            return $part === false || ($part === '' && feof($stream)) ? null : $part;
        };
        $answer = '';
        while (($end = strpos($answer, "\r\n\r\n")) === false && ($part = $more()) !== null) {
            $answer .= $part;
        }
        $head = substr($answer, 0, $end === false ? 0 : $end + 2);
        if (preg_match('{^HTTP/1\.[01] 200 .*\r\nTransfer-Encoding: *chunked\r\n}is', $head)) {
            preg_match('/\r\nDump-Position: *(\d+)/i', $head, $position);
            $isWhole = (new ChunkedBody(substr($answer, $end + 4), $more))->copyTo($to);
            fclose($stream);
            return $isWhole ? new RunnerAnswer(200, ['position' => $position[1] ?? ''])
                : RunnerAnswer::away("GET $path: it broke off");
        }
        while (($part = $more()) !== null && strlen($answer) < self::MAX_ANSWER) {
            $answer .= $part;
        }
        fclose($stream);
        return self::parse($answer) ?? RunnerAnswer::away("GET $path: no answer");
    }

    /** @return ?resource */
    private function connect(?string &$problem)
    {
        $stream = @stream_socket_client(
            'unix://' . $this->socket,
            $code,
            $message,
            $this->connectTimeout
        );
        if ($stream === false) {
            $problem = "$this->socket: $message";
            return null;
        }
        stream_set_blocking($stream, false);
        return $stream;
    }

    private static function head(string $method, string $path, string $more = ''): string
    {
        return "$method $path HTTP/1.1\r\nHost: runner\r\nConnection: close\r\n$more\r\n";
    }

    /** @param resource $stream */
    private function send($stream, string $text, float $deadline): bool
    {
        for ($offset = 0; $offset < strlen($text);) {
            if (!$this->wait($stream, false, $deadline)) {
                return false;
            }
            $n = @fwrite($stream, substr($text, $offset, 1 << 16));
            if ($n === false || $n === 0) {
                return false;
            }
            $offset += $n;
        }
        return true;
    }

    /** @param resource $stream */
    private function receive($stream, float $deadline): string
    {
        $answer = '';
        while (strlen($answer) < self::MAX_ANSWER && $this->wait($stream, true, $deadline)) {
            $part = @fread($stream, 1 << 16);
            if ($part === false || ($part === '' && feof($stream))) {
                break;
            }
            $answer .= $part;
        }
        return $answer;
    }

    /** @param resource $stream */
    private function wait($stream, bool $toRead, float $deadline): bool
    {
        $left = $deadline - microtime(true);
        if ($left <= 0) {
            return false;
        }
        $read = $toRead ? [$stream] : null;
        $write = $toRead ? null : [$stream];
        $except = null;
        $seconds = (int)$left;
        return @stream_select($read, $write, $except, $seconds, (int)(($left - $seconds) * 1e6)) > 0;
    }

    private static function parse(string $answer): ?RunnerAnswer
    {
        $end = strpos($answer, "\r\n\r\n");
        if ($end === false || !preg_match('{^HTTP/1\.[01] (\d{3})}', $answer, $match)) {
            return null;
        }
        $text = substr($answer, $end + 4);
        if (
            preg_match('/\r\nContent-Length: *(\d+)/i', substr($answer, 0, $end), $length)
            && strlen($text) < (int)$length[1]
        ) {
            return null;
        }
        $body = json_decode($text, true);
        $body = is_array($body) ? $body : [];
        $status = (int)$match[1];
        $problem = $status < 300 ? '' : "$status " . ($body['error']['message'] ?? '')
            . (isset($body['error']['field']) ? " ({$body['error']['field']})" : '');
        return new RunnerAnswer($status, $body, $problem);
    }
}
