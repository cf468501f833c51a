<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Stand-ins for services of Wikibase's repo: IDs, titles and revisions of entity pages, labels that
// are the IDs, and Special:EntityData.

declare(strict_types=1);

namespace Wikibase\Repo;

use MediaWiki\Language\Language;
use MediaWiki\MediaWikiServices;
use MediaWiki\Revision\RevisionLookup;
use MediaWiki\Revision\SlotRecord;
use MediaWiki\SpecialPage\UnlistedSpecialPage;
use MediaWiki\Title\Title;
use Serializers\Serializer;
use Wikibase\DataModel\Entity\EntityId;
use Wikibase\DataModel\Entity\EntityIdParser;
use Wikibase\DataModel\Services\EntityId\EntityIdFormatter;
use Wikibase\DataModel\Services\Lookup\EntityLookup;
use Wikibase\DataModel\Services\Term\TermBuffer;
use Wikibase\Lib\Store\EntityIdLookup;
use Wikibase\Lib\Store\EntityTitleLookup;
use Wikibase\Lib\Store\Sql\WikiPageEntityMetaDataAccessor;
use Wikibase\View\EntityIdFormatterFactory;

class StandinPages implements
    EntityTitleLookup,
    EntityIdLookup,
    EntityLookup,
    WikiPageEntityMetaDataAccessor
{
    public function getTitleForId(EntityId $id)
    {
        return Title::makeTitle(
            $id->getEntityType() === 'property' ? 122 : 120,
            $id->getSerialization()
        );
    }

    public function getTitlesForIds(array $ids)
    {
        $titles = [];
        foreach ($ids as $id) {
            $titles[$id->getSerialization()] = $this->getTitleForId($id);
        }
        return $titles;
    }

    public function getEntityIds(array $titles)
    {
        $ids = [];
        foreach ($titles as $title) {
            $ids[$title->getArticleID()] = new EntityId($title->getDBkey());
        }
        return $ids;
    }

    public function getEntityIdForTitle(Title $title)
    {
        return new EntityId($title->getDBkey());
    }

    public function getEntity(EntityId $entityId)
    {
        return null;
    }

    public function hasEntity(EntityId $entityId)
    {
        return $this->getTitleForId($entityId)->exists();
    }

    public function loadLatestRevisionIds(array $entityIds, $mode)
    {
        $db = MediaWikiServices::getInstance()->getConnectionProvider()->getReplicaDatabase();
        $revisions = [];
        foreach ($entityIds as $id) {
            $title = $this->getTitleForId($id);
            $revisions[$id->getSerialization()] = $db->newSelectQueryBuilder()
                ->select('page_latest')
                ->from('page')
                ->where([
                    'page_namespace' => $title->getNamespace(),
                    'page_title' => $title->getDBkey(),
                    'page_is_redirect' => 0,
                ])
                ->caller(__METHOD__)
                ->fetchField();
        }
        return $revisions;
    }
}

class StandinTerms implements EntityIdFormatter, EntityIdFormatterFactory, TermBuffer
{
    public function getEntityIdFormatter(Language $language)
    {
        return $this;
    }

    public function formatEntityId(EntityId $value)
    {
        return 'label of ' . htmlspecialchars($value->getSerialization());
    }

    public function prefetchTerms(array $entityIds, array $termTypes, array $languageCodes)
    {
    }
}

/** Plain text, no HTML: one that would run where it is taken for HTML. */
class StandinPlainLabels implements EntityIdFormatter
{
    public function formatEntityId(EntityId $value)
    {
        return "<script>label of {$value->getSerialization()}</script>";
    }
}

class StandinSerializer implements Serializer
{
    public function serialize($object)
    {
        return $object;
    }
}

class StandinEntityData extends UnlistedSpecialPage
{
    public function __construct(
        private readonly RevisionLookup $revisions,
        private readonly EntityTitleLookup $titles,
        private readonly EntityIdParser $parser
    ) {
        parent::__construct('EntityData');
    }

    public function execute($subPage)
    {
        $this->getOutput()->disable();
        $response = $this->getRequest()->response();
        $id = $this->parser->parse(preg_replace('/\.json$/', '', (string)$subPage));
        $revision = $this->revisions->getRevisionByTitle($this->titles->getTitleForId($id));
        if ($revision === null) {
            $response->statusHeader(404);
            return;
        }
        $content = $revision->getContent(SlotRecord::MAIN);
        $redirect = $content->getEntity()['redirect'] ?? null;
        if ($redirect !== null) {
            $this->execute($redirect);
            return;
        }
        $response->header('Content-Type: application/json');
        echo json_encode(['entities' => [
            $id->getSerialization() => ['lastrevid' => $revision->getId()] + $content->getEntity(),
        ]]);
    }
}
