<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// WBQC's Special:ConstraintReport with the stored report: when and at which revision it was made,
// whether it still holds, and a button that checks again.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Special;

use MediaWiki\Config\Config;
use MediaWiki\Extension\ConstraintRunner\Results\CheckRight;
use MediaWiki\Extension\ConstraintRunner\Results\EntityReports;
use MediaWiki\Extension\ConstraintRunner\Results\Recheck;
use MediaWiki\Extension\ConstraintRunner\Results\Report;
use MediaWiki\Html\Html;
use MediaWiki\SpecialPage\SpecialPage;
use PermissionsError;
use ThrottledError;
use Wikibase\DataModel\Entity\EntityId;
use Wikibase\DataModel\Entity\EntityIdParser;
use Wikibase\DataModel\Entity\EntityIdParsingException;
use Wikibase\DataModel\Services\Lookup\EntityLookup;
use Wikibase\Lib\LanguageFallbackChainFactory;
use Wikibase\Lib\Store\EntityTitleLookup;
use Wikibase\Repo\EntityIdLabelFormatterFactory;
use Wikibase\View\EntityIdFormatterFactory;
use WikibaseQuality\ConstraintReport\ConstraintCheck\DelegatingConstraintChecker;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Message\ViolationMessageRendererFactory;
use WikibaseQuality\ConstraintReport\Specials\SpecialConstraintReport;
use Wikimedia\Stats\IBufferingStatsdDataFactory;

class ConstraintReport extends SpecialConstraintReport
{
    public const SERVICES = [
        'WBQC_EntityLookup',
        'WikibaseRepo.EntityTitleLookup',
        'WikibaseRepo.EntityIdLabelFormatterFactory',
        'WikibaseRepo.EntityIdHtmlLinkFormatterFactory',
        'WikibaseRepo.EntityIdParser',
        'WikibaseRepo.LanguageFallbackChainFactory',
        'WBQC_DelegatingConstraintChecker',
        'WBQC_ViolationMessageRendererFactory',
        'MainConfig',
        'StatsdDataFactory',
        'ConstraintRunner.EntityReports',
        'ConstraintRunner.Recheck',
        'ConstraintRunner.CheckRight',
    ];

    private readonly StoredChecker $checker;

    public function __construct(
        EntityLookup $entityLookup,
        private readonly EntityTitleLookup $titleLookup,
        EntityIdLabelFormatterFactory $labelFormatterFactory,
        EntityIdFormatterFactory $linkFormatterFactory,
        private readonly EntityIdParser $idParser,
        LanguageFallbackChainFactory $languageFallbackChainFactory,
        DelegatingConstraintChecker $wbqc,
        ViolationMessageRendererFactory $messageRendererFactory,
        Config $config,
        IBufferingStatsdDataFactory $stats,
        EntityReports $reports,
        private readonly Recheck $recheck,
        private readonly CheckRight $checkRight
    ) {
        $this->checker = new StoredChecker($wbqc, $reports);
        parent::__construct(
            $entityLookup,
            $titleLookup,
            $labelFormatterFactory,
            $linkFormatterFactory,
            $idParser,
            $languageFallbackChainFactory,
            $this->checker,
            $messageRendererFactory,
            $config,
            $stats
        );
    }

    /** @inheritDoc */
    public function doesWrites()
    {
        return true;
    }

    /** @inheritDoc */
    public function execute($subPage)
    {
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
        if (!$this->checkRight->isAllowed($this->getAuthority())) {
            throw new PermissionsError(CheckRight::RIGHT);
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
