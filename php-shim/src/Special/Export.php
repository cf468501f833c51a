<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// The work list as CSV or as lines of JSON, from page to page without holding it in memory. A file
// has a last row; who wants more goes on after it.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Special;

use MediaWiki\Extension\ConstraintRunner\Results\Readable;
use MediaWiki\Extension\ConstraintRunner\Store\ViolationFilter;
use MediaWiki\Extension\ConstraintRunner\Store\Violations;
use MediaWiki\Permissions\Authority;
use MediaWiki\Request\WebRequest;

class Export
{
    public const FORMATS = ['csv', 'json'];
    private const PAGE = 1000;
    private const MAX_ROWS = 50000;
    private const MAX_PAGES = 500; // also of those that are not full
    private const COLUMNS = ['entity', 'statement', 'property', 'constraint', 'type', 'status',
        'message', 'revision', 'checked_at'];

    public function __construct(
        private readonly Violations $violations,
        private readonly Readable $readable
    ) {
    }

    public function send(
        string $format,
        ViolationFilter $filter,
        ?string $after,
        Authority $authority,
        WebRequest $request
    ): void {
        $page = $this->violations->page($filter, $after, self::PAGE);
        $response = $request->response();
        if ($page === null) {
            $response->statusHeader(503);
            return;
        }
        $type = $format === 'csv' ? 'text/csv' : 'application/x-ndjson';
        $response->header("Content-Type: $type; charset=UTF-8");
        $response->header("Content-Disposition: attachment; filename=\"constraint-violations."
            . ($format === 'csv' ? 'csv' : 'ndjson') . '"');
        $out = fopen('php://output', 'w');
        if ($format === 'csv') {
            fputcsv($out, self::COLUMNS, ',', '"', '');
        }
        $rows = 0;
        for ($pages = 1; $page !== null; ++$pages) {
            $rows += count($page->rows);
            foreach ($this->readable->rows($page->rows, $authority) as $row) {
                $ordered = [];
                foreach (self::COLUMNS as $column) {
                    $ordered[$column] = $row[$column];
                }
                if ($format === 'csv') {
                    fputcsv($out, $ordered, ',', '"', '');
                } else {
                    fwrite($out, json_encode($ordered, JSON_UNESCAPED_SLASHES) . "\n");
                }
            }
            $more = $page->next !== null && $rows < self::MAX_ROWS && $pages < self::MAX_PAGES;
            $page = $more ? $this->violations->page($filter, $page->next, self::PAGE) : null;
        }
        fclose($out);
    }
}
