<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Special:ConstraintViolations: a work list for people, straight from the store, with filters,
// paging by cursor, and export as CSV and JSON.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Special;

use MediaWiki\Extension\ConstraintRunner\Results\CheckRight;
use MediaWiki\Extension\ConstraintRunner\Results\Sentences;
use MediaWiki\Extension\ConstraintRunner\Store\ViolationFilter;
use MediaWiki\Extension\ConstraintRunner\Store\ViolationPage;
use MediaWiki\Extension\ConstraintRunner\Store\Violations;
use MediaWiki\Html\Html;
use MediaWiki\HTMLForm\HTMLForm;
use MediaWiki\SpecialPage\SpecialPage;

class ViolationsPage extends SpecialPage
{
    /** What an address may hold besides the format. */
    public const PARAMETERS = ['entity', 'property', 'type', 'status', 'class', 'direct', 'after',
        'limit'];
    private const LIMIT = 50;
    private const MAX_LIMIT = 500;

    public function __construct(
        private readonly Violations $violations,
        private readonly ViolationTableFactory $tables,
        private readonly Sentences $sentences,
        private readonly Export $export,
        private readonly CheckRight $checkRight
    ) {
        parent::__construct('ConstraintViolations');
    }

    /** @inheritDoc */
    protected function getGroupName()
    {
        return 'wikibase';
    }

    /** @inheritDoc */
    public function getDescription()
    {
        return $this->msg('constraintviolations');
    }

    /** @inheritDoc */
    public function execute($subPage)
    {
        $request = $this->getRequest();
        $filter = ViolationFilter::of(
            $request->getText('entity', (string)$subPage),
            $request->getText('property'),
            $request->getText('type'),
            $request->getText('status'),
            $request->getText('class'),
            $request->getBool('direct')
        );
        $after = $request->getText('after');
        $after = Violations::isCursor($after) ? $after : null;
        $format = $request->getText('format');
        if (in_array($format, Export::FORMATS, true) && $filter->problems === []) {
            $this->getOutput()->disable();
            $this->export->send($format, $filter, $after, $this);
            return;
        }
        $this->setHeaders();
        $this->addHelpLink('Help:Property constraints portal');
        $this->getOutput()->addModuleStyles('ext.constraintRunner.styles');
        $this->showForm($filter);
        foreach ($filter->problems as $field) {
            $this->getOutput()->addHTML(Html::errorBox(
                $this->msg("constraintviolations-problem-$field")->escaped()
            ));
        }
        if ($filter->problems === []) {
            $this->showList($filter, $after);
        }
    }

    private function showList(ViolationFilter $filter, ?string $after): void
    {
        $limit = max(1, min(self::MAX_LIMIT, $this->getRequest()->getInt('limit', self::LIMIT)));
        $page = $this->violations->page($filter, $after, $limit);
        $out = $this->getOutput();
        if ($page === null) {
            $out->setStatusCode(503);
            $out->addHTML(Html::errorBox($this->msg('constraintviolations-away')->escaped()));
            return;
        }
        if ($page->rows === [] && $page->next === null) {
            $out->addHTML(Html::noticeBox($this->msg('constraintviolations-none')->escaped(), ''));
            return;
        }
        $query = $filter->toQuery();
        if ($limit !== self::LIMIT) {
            $query['limit'] = $limit;
        }
        $here = wfArrayToCgi($query + ($after === null ? [] : ['after' => $after]));
        $links = $this->links($page, $query, $after !== null);
        if ($page->next !== null && count($page->rows) < $limit) {
            $out->addHTML(Html::noticeBox($this->msg('constraintviolations-so-far')->escaped(), ''));
        }
        if ($page->rows === []) {
            $out->addHTML($links);
            return;
        }
        $table = $this->tables->newTable(
            $this,
            $this->checkRight->isAllowed($this->getAuthority()) ? $here : null
        );
        $rows = $this->sentences->inHtml($page->rows, $this->getContext());
        $out->addHTML($links . $table->html($rows) . $links);
    }

    private function links(ViolationPage $page, array $query, bool $isLater): string
    {
        $parts = [];
        if ($isLater) {
            $parts[] = $this->link('constraintviolations-first', $query);
        }
        if ($page->next !== null) {
            $parts[] = $this->link('constraintviolations-next', $query + ['after' => $page->next]);
        }
        unset($query['limit']);
        foreach (Export::FORMATS as $format) {
            $parts[] = $this->link("constraintviolations-$format", $query + ['format' => $format]);
        }
        $parts[] = $this->link(
            'constraintviolations-csv-sentences',
            $query + ['format' => 'csv', 'sentences' => '1']
        );
        return Html::rawElement('p', ['class' => 'constraintrunner-links'], implode(' | ', $parts));
    }

    private function link(string $message, array $query): string
    {
        return $this->getLinkRenderer()->makeKnownLink(
            $this->getPageTitle(),
            $this->msg($message)->text(),
            ['class' => $message],
            $query
        );
    }

    private function showForm(ViolationFilter $filter): void
    {
        $statuses = ['constraintviolations-any' => ''];
        foreach (ViolationFilter::STATUSES as $status) {
            $statuses["wbqc-constraintreport-status-$status"] = $status;
        }
        $text = fn (string $name): array => [
            'type' => 'text',
            'name' => $name,
            'default' => $this->getRequest()->getText($name),
            'label-message' => "constraintviolations-$name",
            'placeholder-message' => "constraintviolations-$name-example",
        ];
        $fields = [
            'property' => $text('property'),
            'type' => $text('type'),
            'entity' => $text('entity'),
            'class' => $text('class'),
            'direct' => [
                'type' => 'check',
                'name' => 'direct',
                'default' => $filter->direct,
                'label-message' => 'constraintviolations-direct',
            ],
            'status' => [
                'type' => 'select',
                'name' => 'status',
                'default' => $filter->status ?? '',
                'label-message' => 'constraintviolations-status',
                'options-messages' => $statuses,
            ],
        ];
        HTMLForm::factory('ooui', $fields, $this->getContext())
            ->setMethod('get')
            ->setTitle($this->getPageTitle())
            ->setWrapperLegendMsg('constraintviolations-filter')
            ->setSubmitTextMsg('constraintviolations-show')
            ->prepareForm()
            ->displayForm(false);
    }
}
