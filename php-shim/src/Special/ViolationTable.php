<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// One page of the work list as a table.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Special;

use Closure;
use MediaWiki\Html\Html;
use MediaWiki\SpecialPage\SpecialPage;
use MediaWiki\Title\Title;
use Throwable;
use Wikibase\DataModel\Entity\EntityId;
use Wikibase\DataModel\Entity\EntityIdParser;
use Wikibase\DataModel\Entity\EntityIdParsingException;
use Wikibase\DataModel\Services\EntityId\EntityIdFormatter;
use Wikibase\Lib\Store\EntityTitleLookup;

final class ViolationTable
{
    private const COLUMNS = ['status', 'entity', 'property', 'type', 'message', 'age'];

    /** @var EntityId[] By ID */
    private array $ids = [];
    /** @var Title[] By ID */
    private array $titles = [];

    /** @param Closure(EntityId[]):void $prefetch */
    public function __construct(
        private readonly SpecialPage $page,
        private readonly ?string $list,
        private readonly EntityIdParser $idParser,
        private readonly EntityTitleLookup $titleLookup,
        private readonly EntityIdFormatter $linkFormatter,
        private readonly Closure $prefetch
    ) {
    }

    /** @param array[] $rows Of ViolationPage, each with `sentence` (HTML or null) */
    public function html(array $rows): string
    {
        $this->prepare($rows);
        $head = '';
        foreach (self::COLUMNS as $column) {
            $head .= Html::element(
                'th',
                ['scope' => 'col'],
                $this->page->msg("constraintviolations-column-$column")->text()
            );
        }
        if ($this->list !== null) {
            $head .= Html::element('td');
        }
        $body = '';
        foreach ($rows as $row) {
            if ($this->mayRead($row['entity'])) {
                $body .= $this->row($row);
            }
        }
        $table = Html::rawElement(
            'table',
            ['class' => 'wikitable constraintrunner-violations'],
            Html::rawElement('thead', [], Html::rawElement('tr', [], $head))
                . Html::rawElement('tbody', [], $body)
        );
        return Html::rawElement('div', ['class' => 'constraintrunner-violations-box'], $table);
    }

    private function row(array $row): string
    {
        $status = $row['status'];
        $cells = [
            Html::element(
                'span',
                ['class' => "wbqc-status wbqc-status-$status"],
                $this->page->msg("wbqc-constraintreport-status-$status")->text()
            ) . $this->ownStatus($row),
            $this->link($row['entity']),
            $this->statementLink($row),
            $this->link($row['type']) . $this->own($row),
            ($row['sentence'] ?? Html::element('code', ['dir' => 'ltr'], $row['message']))
                . $this->fix($row),
            $this->age($row['checked_at']),
        ];
        if ($this->list !== null) {
            $cells[] = RecheckForm::html($this->page, $row['entity'], $this->list);
        }
        $html = '';
        foreach ($cells as $cell) {
            $html .= Html::rawElement('td', [], $cell);
        }
        return Html::rawElement('tr', [], $html);
    }

    /** The property's label, leading to the statement itself. */
    private function statementLink(array $row): string
    {
        $title = $this->titles[$row['entity']] ?? null;
        $link = $this->link($row['property']);
        return $title === null ? $link : $link . ' ' . Html::element('a', [
            'href' => $title->getLocalURL() . '#' . rawurlencode($row['statement']),
            'class' => 'constraintrunner-statement',
        ], $this->page->msg('constraintviolations-statement')->text());
    }

    /** The verdict of the runner's own check where it differs from WBQC's. */
    private function ownStatus(array $row): string
    {
        if (!isset($row['own_status'])) {
            return '';
        }
        $status = $this->page->msg("wbqc-constraintreport-status-{$row['own_status']}")->text();
        return Html::element(
            'div',
            ['class' => 'constraintrunner-own'],
            $this->page->msg('constraintviolations-own-status', $status)->text()
        );
    }

    private function own(array $row): string
    {
        return isset($row['own']) ? ' ' . Html::element(
            'span',
            ['class' => 'constraintrunner-own'],
            $this->page->msg('constraintviolations-own')->text()
        ) : '';
    }

    /** The replacement that the constraint names, as data and in few words. */
    private function fix(array $row): string
    {
        $texts = [];
        foreach (['property', 'value'] as $what) {
            if (!array_key_exists("replace_$what", $row['fix'] ?? [])) {
                continue;
            }
            $all = $row['fix']["replace_$what"];
            $links = [];
            foreach (is_array($all) && array_is_list($all) ? $all : [$all] as $each) {
                $links[] = $this->replacement($each);
            }
            $texts[] = $this->page->msg("constraintviolations-fix-$what")
                ->rawParams(implode(', ', $links))->escaped();
        }
        return $texts === [] ? '' : Html::rawElement(
            'div',
            ['class' => 'constraintrunner-fix'],
            implode(' ', $texts)
        );
    }

    /** @param array|string|null $value A property, a data value, or null for "no value" */
    private function replacement($value): string
    {
        if ($value === null) {
            return $this->page->msg('constraintviolations-fix-nothing')->escaped();
        }
        if (is_string($value)) {
            return $this->link($value);
        }
        $inner = $value['value'] ?? null;
        if (is_array($inner) && is_string($inner['id'] ?? null)) {
            return $this->link($inner['id']);
        }
        return htmlspecialchars(is_string($inner) ? $inner
            : (string)json_encode($inner, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE));
    }

    private function age(?string $checkedAt): string
    {
        if ($checkedAt === null) {
            return '';
        }
        $language = $this->page->getLanguage();
        $timestamp = wfTimestamp(TS_MW, $checkedAt);
        $seconds = max(0, time() - (int)wfTimestamp(TS_UNIX, $checkedAt));
        return Html::element(
            'time',
            [
                'datetime' => $checkedAt,
                'title' => $language->userTimeAndDate($timestamp, $this->page->getUser()),
            ],
            $this->page->msg(
                'constraintviolations-age',
                $language->formatDuration($seconds, self::units($seconds))
            )->text()
        );
    }

    /** Only the largest unit, not "3 days, 2 hours and 5 seconds". */
    private static function units(int $seconds): array
    {
        foreach (['days' => 86400, 'hours' => 3600, 'minutes' => 60] as $unit => $length) {
            if ($seconds >= $length) {
                return [$unit];
            }
        }
        return ['seconds'];
    }

    private function link(string $id): string
    {
        $entityId = $this->ids[$id] ?? null;
        if ($entityId === null) {
            return htmlspecialchars($id);
        }
        try {
            return $this->linkFormatter->formatEntityId($entityId);
        } catch (Throwable) { // of a type without pages here
            return htmlspecialchars($id);
        }
    }

    private function mayRead(string $id): bool
    {
        $title = $this->titles[$id] ?? null;
        return $title !== null && $this->page->getAuthority()->definitelyCan('read', $title);
    }

    /** @return string[] IDs of what is to be used instead */
    private static function replacements(array $rows): array
    {
        $ids = [];
        foreach ($rows as $row) {
            foreach ($row['fix'] ?? [] as $name => $all) {
                foreach (is_array($all) && array_is_list($all) ? $all : [$all] as $each) {
                    $id = is_array($each) ? $each['value']['id'] ?? null : $each;
                    if ($name !== 'own' && is_string($id)) {
                        $ids[] = $id;
                    }
                }
            }
        }
        return $ids;
    }

    private function prepare(array $rows): void
    {
        $wanted = array_unique(array_merge(
            self::replacements($rows),
            array_column($rows, 'entity'),
            array_column($rows, 'property'),
            array_column($rows, 'type')
        ));
        foreach ($wanted as $id) {
            try {
                $this->ids[$id] = $this->idParser->parse($id);
            } catch (EntityIdParsingException) {
                // stays plain text
            }
        }
        ($this->prefetch)(array_values($this->ids));
        foreach ($this->titleLookup->getTitlesForIds(array_values($this->ids)) as $id => $title) {
            if ($title !== null) {
                $this->titles[$id] = $title;
            }
        }
    }
}
