<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// First fill: a job of low priority for every entity of the wiki that has no stored result of its
// current revision. Run again after an interruption it continues, since it skips what is stored.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Maintenance;

use MediaWiki\Extension\ConstraintRunner\HandOver\EntityJob;
use MediaWiki\Extension\ConstraintRunner\Store\Results;
use MediaWiki\Title\Title;
use Wikimedia\Rdbms\IReadableDatabase;
use Wikimedia\Rdbms\IResultWrapper;

require_once __DIR__ . '/RunnerMaintenance.php';

class FillStore extends RunnerMaintenance
{
    public function __construct()
    {
        parent::__construct();
        $this->addDescription('Queue all entities of the wiki without a current result for a check.');
        $this->addOption('from', 'Start after this page ID (printed by an earlier run)', false, true);
        $this->addOption('all', 'Include entities with a current result');
        $this->addOption('dry-run', 'Only count');
        $this->setBatchSize(500);
    }

    public function execute()
    {
        $namespaces = array_values(array_unique(
            $this->service('WikibaseRepo.EntityNamespaceLookup')->getEntityNamespaces()
        ));
        if ($namespaces === []) {
            $this->output("This wiki has no entities.\n");
            return;
        }
        $db = $this->getReplicaDB();
        $last = (int)$this->getOption('from', 0);
        $seen = $given = 0;
        $begin = microtime(true);
        do {
            $pages = $this->pages($db, $namespaces, $last);
            $jobs = $this->jobs($pages, $last);
            $seen += $pages->numRows();
            $given += count($jobs);
            if ($jobs !== [] && !$this->hasOption('dry-run')) {
                $this->handOver($jobs);
            }
            $this->progress(sprintf(
                '%d entities seen, %d for the runner, page ID %d, %.0f/s',
                $seen,
                $given,
                $last,
                $seen / max(0.001, microtime(true) - $begin)
            ));
        } while ($pages->numRows() > 0);
        $this->progress('', true);
        $this->output(sprintf(
            "%d entities seen, %d %s; last page ID %d\n",
            $seen,
            $given,
            $this->hasOption('dry-run') ? 'would be checked' : 'are in the queue of the runner',
            $last
        ));
    }

    private function pages(IReadableDatabase $db, array $namespaces, int $after): IResultWrapper
    {
        return $db->newSelectQueryBuilder()
            ->select(['page_id', 'page_namespace', 'page_title', 'page_latest'])
            ->from('page')
            ->where(['page_namespace' => $namespaces, 'page_is_redirect' => 0])
            ->andWhere($db->expr('page_id', '>', $after))
            ->orderBy('page_id')
            ->limit($this->getBatchSize())
            ->caller(__METHOD__)
            ->fetchResultSet();
    }

    /**
     * @param int $last The last page ID that was looked at
     * @return EntityJob[]
     */
    private function jobs(IResultWrapper $pages, int &$last): array
    {
        $titles = [];
        $revisions = [];
        foreach ($pages as $page) {
            $titles[] = Title::newFromRow($page);
            $revisions[(int)$page->page_id] = (int)$page->page_latest;
            $last = (int)$page->page_id;
        }
        $wanted = [];
        $ids = $titles === [] ? [] : $this->service('WikibaseRepo.EntityIdLookup')->getEntityIds($titles);
        foreach ($ids as $pageId => $entityId) {
            $wanted[$entityId->getSerialization()] = $revisions[$pageId] ?? 0;
        }
        /** @var Results $results */
        $results = $this->service('ConstraintRunner.Results');
        $stored = $this->hasOption('all') ? [] : $results->revisions(array_keys($wanted));
        if ($stored === null) {
            $this->fatalError('PostgreSQL can\'t be reached.', self::EX_UNAVAILABLE);
        }
        $jobs = [];
        foreach ($wanted as $id => $revision) {
            if (($stored[$id] ?? -1) !== $revision) {
                $jobs[] = new EntityJob((string)$id, $revision, 'low', reason: EntityJob::FILL);
            }
        }
        return $jobs;
    }
}

return FillStore::class;
