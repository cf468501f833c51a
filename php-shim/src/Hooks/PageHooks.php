<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Everything that gives a page a new latest revision, or removes it, becomes a job: for WBQC a
// result is stale when the page's latest revision changes, whatever the edit was.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Hooks;

use ManualLogEntry;
use MediaWiki\Extension\ConstraintRunner\HandOver\EntityJob;
use MediaWiki\Extension\ConstraintRunner\HandOver\HandOver;
use MediaWiki\Extension\ConstraintRunner\HandOver\PageJobs;
use MediaWiki\Hook\AfterImportPageHook;
use MediaWiki\Hook\PageMoveCompleteHook;
use MediaWiki\Page\Hook\ArticleProtectCompleteHook;
use MediaWiki\Page\Hook\ArticlePurgeHook;
use MediaWiki\Page\Hook\PageDeleteCompleteHook;
use MediaWiki\Page\Hook\PageUndeleteCompleteHook;
use MediaWiki\Page\ProperPageIdentity;
use MediaWiki\Permissions\Authority;
use MediaWiki\Revision\RevisionLookup;
use MediaWiki\Revision\RevisionRecord;
use MediaWiki\Storage\Hook\PageSaveCompleteHook;

final class PageHooks implements
    AfterImportPageHook,
    ArticleProtectCompleteHook,
    ArticlePurgeHook,
    PageDeleteCompleteHook,
    PageMoveCompleteHook,
    PageSaveCompleteHook,
    PageUndeleteCompleteHook
{
    public function __construct(
        private readonly PageJobs $pageJobs,
        private readonly HandOver $handOver,
        private readonly RevisionLookup $revisions
    ) {
    }

    /** @inheritDoc */
    public function onPageSaveComplete($wikiPage, $user, $summary, $flags, $revisionRecord, $editResult)
    {
        if (!$editResult->isNullEdit()) {
            $this->add($this->pageJobs->forRevision($revisionRecord));
        }
    }

    /** @inheritDoc */
    public function onPageDeleteComplete(
        ProperPageIdentity $page,
        Authority $deleter,
        string $reason,
        int $pageID,
        RevisionRecord $deletedRev,
        ManualLogEntry $logEntry,
        int $archivedRevisionCount
    ) {
        $this->add($this->pageJobs->toAsk($deletedRev));
    }

    /** @inheritDoc */
    public function onPageUndeleteComplete(
        ProperPageIdentity $page,
        Authority $restorer,
        string $reason,
        RevisionRecord $restoredRev,
        ManualLogEntry $logEntry,
        int $restoredRevisionCount,
        bool $created,
        array $restoredPageIds
    ): void {
        // Without a revision: the latest one may be lower than what was checked before the deletion,
        // and older revisions may have come back below it. It is read for the entity's ID alone.
        $latest = $this->revisions->getRevisionByPageId($page->getId(), 0, self::primary());
        $this->add($latest === null ? null : $this->pageJobs->toAsk($latest));
    }

    /** @inheritDoc */
    public function onPageMoveComplete($old, $new, $user, $pageid, $redirid, $reason, $revision)
    {
        $this->add($this->pageJobs->forRevision($revision));
    }

    /** @inheritDoc */
    public function onArticleProtectComplete($wikiPage, $user, $protect, $reason)
    {
        $this->addLatest((int)$wikiPage->getId());
    }

    /** @inheritDoc */
    public function onAfterImportPage($title, $foreignTitle, $revCount, $sRevCount, $pageInfo)
    {
        $this->addLatest($title->getArticleID(self::primary()));
    }

    /** Purging checks again, also when nothing seems to have changed. */
    public function onArticlePurge($wikiPage)
    {
        $revision = $wikiPage->getRevisionRecord();
        $this->add($revision === null ? null : $this->pageJobs->forRevision($revision, 'high'));
    }

    private function addLatest(int $pageId): void
    {
        $latest = $pageId > 0
            ? $this->revisions->getRevisionByPageId($pageId, 0, self::primary()) : null;
        $this->add($latest === null ? null : $this->pageJobs->forRevision($latest));
    }

    private function add(?EntityJob $job): void
    {
        if ($job !== null) {
            $this->handOver->later($job);
        }
    }

    private static function primary(): int
    {
        return \Wikimedia\Rdbms\IDBAccessObject::READ_LATEST;
    }
}
