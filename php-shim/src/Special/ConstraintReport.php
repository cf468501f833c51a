<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// WBQC's Special:ConstraintReport with the stored report: its time and revision, whether it is
// fresh, and a button that checks again.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Special;

use MediaWiki\Extension\ConstraintRunner\Results\CheckRight;
use MediaWiki\Extension\ConstraintRunner\Results\Recheck;
use MediaWiki\Extension\ConstraintRunner\Results\Report;
use MediaWiki\Html\Html;
use MediaWiki\SpecialPage\SpecialPage;
use PermissionsError;
use ThrottledError;
use Wikibase\DataModel\Entity\EntityId;
use Wikibase\DataModel\Entity\EntityIdParser;
use Wikibase\DataModel\Entity\EntityIdParsingException;
use Wikibase\Lib\Store\EntityTitleLookup;
use WikibaseQuality\ConstraintReport\Specials\SpecialConstraintReport;

class ConstraintReport extends SpecialConstraintReport
{
    /** @param array $parentArguments Of WBQC's page, see ParentServices */
    public function __construct(
        array $parentArguments,
        private readonly StoredChecker $checker,
        private readonly EntityTitleLookup $titleLookup,
        private readonly EntityIdParser $idParser,
        private readonly Recheck $recheck,
        private readonly CheckRight $checkRight
    ) {
        parent::__construct(...$parentArguments);
    }

    /** @inheritDoc */
    public function doesWrites()
    {
        return true;
    }

    /** @inheritDoc */
    public function execute($subPage)
    {
        $this->checkPermissions(); // WBQC's page has its own right since 1.45
        $entityId = $this->parse((string)$subPage);
        $title = $entityId === null ? null : $this->titleLookup->getTitleForId($entityId);
        if ($title !== null && !$this->getAuthority()->definitelyCan('read', $title)) {
            throw new PermissionsError('read');
        }
        if ($entityId !== null && $this->getRequest()->getCheck('constraintrunner-recheck')) {
            $this->recheck($entityId);
            return;
        }
        parent::execute($subPage);
    }

    /** @inheritDoc */
    protected function buildResultHeader(EntityId $entityId): string
    {
        $report = $this->checker->lastReport();
        return parent::buildResultHeader($entityId)
            . ($report === null ? '' : $this->describe($entityId, $report))
            . $this->button($entityId);
    }

    /** Of all statuses, also those of which no rows are stored. */
    protected function buildSummary(array $results): string
    {
        $report = $this->checker->lastReport();
        if ($report === null) {
            return parent::buildSummary($results);
        }
        $parts = [];
        foreach (array_filter($report->stored->counts) as $status => $count) {
            $parts[] = Html::rawElement(
                'span',
                ['class' => "wbqc-status wbqc-status-$status"],
                $this->msg("wbqc-constraintreport-status-$status")->escaped()
            ) . ': ' . htmlspecialchars($this->getLanguage()->formatNum($count));
        }
        return Html::rawElement('p', [], implode(', ', $parts));
    }

    private function describe(EntityId $entityId, Report $report): string
    {
        $stored = $report->stored;
        $url = $this->titleLookup->getTitleForId($entityId)
            ?->getFullURL(['oldid' => $stored->revision]) ?? '';
        $time = $this->getLanguage()->userTimeAndDate(
            wfTimestamp(TS_MW, (int)$stored->checkedAtUnix),
            $this->getUser()
        );
        $html = Html::rawElement('p', ['class' => 'constraintrunner-checked'], $this->msg(
            'constraintrunner-report-checked',
            $time,
            $url,
            $stored->revision
        )->parse());
        if (!$report->isFresh) {
            $html .= Html::warningBox($this->msg('constraintrunner-report-stale')->parse());
        }
        if ($stored->incomplete !== []) {
            $html .= Html::warningBox($this->msg(
                'constraintrunner-report-incomplete',
                wfEscapeWikiText(implode('; ', $stored->incomplete))
            )->parse());
        }
        return $html;
    }

    private function button(EntityId $entityId): string
    {
        if (!$this->checkRight->isAllowed($this->getAuthority())) {
            return '';
        }
        return RecheckForm::html($this, $entityId->getSerialization());
    }

    private function recheck(EntityId $entityId): void
    {
        $request = $this->getRequest();
        $missing = $this->checkRight->missing($this->getAuthority());
        if ($missing !== null) {
            throw new PermissionsError($missing);
        }
        $token = $this->getContext()->getCsrfTokenSet();
        if ($request->wasPosted() && $token->matchTokenField('wpEditToken')) {
            if ($this->checkRight->isOverLimit($this->getUser())) {
                throw new ThrottledError();
            }
            $this->recheck->recheck($entityId);
        }
        $list = $request->getText('list');
        $page = $list === ''
            ? $this->getPageTitle($entityId->getSerialization())->getFullURL()
            : SpecialPage::getTitleFor('ConstraintViolations')->getFullURL(
                array_intersect_key(wfCgiToArray($list), array_flip(ViolationsPage::PARAMETERS))
            );
        $this->getOutput()->redirect($page);
    }

    private function parse(string $text): ?EntityId
    {
        try {
            return $text === '' ? null : $this->idParser->parse($text);
        } catch (EntityIdParsingException) {
            return null; // the parent says so
        }
    }
}
