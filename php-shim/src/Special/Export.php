<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// The work list as CSV or as lines of JSON, streamed from page to page to the last row: neither
// PHP's output buffers nor this class hold more than a page. If PostgreSQL becomes unavailable
// midway, the last row says so and where to continue.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Special;

use MediaWiki\Extension\ConstraintRunner\Results\Readable;
use MediaWiki\Extension\ConstraintRunner\Results\Sentences;
use MediaWiki\Extension\ConstraintRunner\Store\ViolationFilter;
use MediaWiki\Extension\ConstraintRunner\Store\Violations;
use MediaWiki\SpecialPage\SpecialPage;

class Export
{
    public const FORMATS = ['csv', 'json'];
    private const PAGE = 1000;
    private const COLUMNS = ['entity', 'statement', 'property', 'constraint', 'type', 'status',
        'message', 'revision', 'checked_at'];
    private const EXTRAS = ['own', 'fix', 'own_status']; // where there are any; in CSV when asked for

    public function __construct(
        private readonly Violations $violations,
        private readonly Readable $readable,
        private readonly Sentences $sentences
    ) {
    }

    /** @param SpecialPage $asked With `sentences` in the request: a column more, in its language */
    public function send(
        string $format,
        ViolationFilter $filter,
        ?string $after,
        SpecialPage $asked
    ): void {
        $withSentences = $asked->getRequest()->getBool('sentences');
        $columns = $withSentences ? [...self::COLUMNS, 'sentence'] : self::COLUMNS;
        $extras = $format === 'json' || $asked->getRequest()->getBool('extras') ? self::EXTRAS : [];
        $page = $this->violations->page($filter, $after, self::PAGE);
        $response = $asked->getRequest()->response();
        if ($page === null) {
            $response->statusHeader(503);
            return;
        }
        $type = $format === 'csv' ? 'text/csv' : 'application/x-ndjson';
        $response->header("Content-Type: $type; charset=UTF-8");
        $response->header("Content-Disposition: attachment; filename=\"constraint-violations."
            . ($format === 'csv' ? 'csv' : 'ndjson') . '"');
        self::endBuffering();
        $out = fopen('php://output', 'w');
        if ($format === 'csv') {
            $names = [...$columns, ...$extras];
            self::write($out, $format, array_combine($names, $names));
        }
        do {
            $rows = $this->readable->rows($page->rows, $asked->getAuthority());
            foreach ($withSentences ? $this->sentences->inText($rows, $asked->getContext()) : $rows as $row) {
                $ordered = [];
                foreach ($columns as $column) {
                    $ordered[$column] = $row[$column];
                }
                $ordered += self::extras($row, $extras, $format);
                self::write($out, $format, $ordered);
            }
            flush();
            $after = $page->next;
            $page = $after === null ? null : $this->violations->page($filter, $after, self::PAGE);
        } while ($page !== null);
        if ($after !== null) {
            self::write($out, $format, ['error' => 'incomplete: PostgreSQL went away', 'after' => $after]);
        }
        fclose($out);
    }

    private static function extras(array $row, array $names, string $format): array
    {
        if ($format === 'json') {
            return array_intersect_key($row, array_flip($names));
        }
        $extras = [];
        foreach ($names as $name) {
            $extras[$name] = match (true) {
                !isset($row[$name]) => '',
                is_string($row[$name]) => $row[$name],
                default => json_encode($row[$name], JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE),
            };
        }
        return $extras;
    }

    /** @param resource $out */
    private static function write($out, string $format, array $row): void
    {
        if ($format === 'csv') {
            fputcsv($out, $row, ',', '"', '');
        } else {
            fwrite($out, json_encode($row, JSON_UNESCAPED_SLASHES) . "\n");
        }
    }

    /** MediaWiki collects all output of a request in memory, and PHP limits its time. */
    private static function endBuffering(): void
    {
        set_time_limit(0);
        $needed = PHP_OUTPUT_HANDLER_CLEANABLE | PHP_OUTPUT_HANDLER_REMOVABLE;
        while (((ob_get_status()['flags'] ?? 0) & $needed) === $needed && ob_end_clean()) {
            // the next one; those that php.ini adds stay
        }
    }
}
