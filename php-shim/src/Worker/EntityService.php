<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Gives entities as they are in the database now, past all caches: document and revision, or that an
// entity is missing or a redirect.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Worker;

use MediaWiki\Revision\RevisionLookup;
use MediaWiki\Revision\RevisionRecord;
use RuntimeException;
use Serializers\Serializer;
use Wikibase\DataModel\Entity\EntityId;
use Wikibase\DataModel\Entity\EntityIdParser;
use Wikibase\DataModel\Entity\EntityIdParsingException;
use Wikibase\Lib\Store\EntityTitleLookup;
use Wikibase\Repo\Content\EntityContent;
use Wikibase\Repo\Content\EntityContentFactory;
use Wikimedia\Rdbms\IDBAccessObject;

class EntityService
{
    public function __construct(
        private readonly EntityIdParser $idParser,
        private readonly EntityTitleLookup $titles,
        private readonly RevisionLookup $revisions,
        private readonly EntityContentFactory $contentFactory,
        private readonly Serializer $serializer
    ) {
    }

    /** @return array[] For each of $request['ids'] what is known of it */
    public function answer(array $request): array
    {
        $ids = $request['ids'] ?? null;
        if (!is_array($ids)) {
            throw new BadRequest('"ids" must be a list of entity IDs');
        }
        $minRevision = $request['min_revision'] ?? 0;
        if (!is_int($minRevision)) {
            throw new BadRequest('"min_revision" must be a number');
        }
        return ['entities' => array_map(fn (mixed $id) => $this->entity($id, $minRevision), $ids)];
    }

    private function entity(mixed $text, int $minRevision): array
    {
        if (!is_string($text)) {
            throw new BadRequest('"ids" must be a list of entity IDs');
        }
        try {
            $id = $this->idParser->parse($text);
        } catch (EntityIdParsingException) {
            return ['id' => $text, 'state' => 'missing']; // of no type that this wiki has
        }
        return $this->look($id, $minRevision, true);
    }

    /** @return array With the members id, state, revision?, target? and, if wanted, document? */
    public function look(EntityId $id, int $minRevision = 0, bool $withDocument = false): array
    {
        $text = $id->getSerialization();
        $revision = $this->revision($id, $minRevision);
        if ($revision === null) {
            return ['id' => $text, 'state' => 'missing'];
        }
        $content = $this->content($revision);
        if ($content === null) {
            return ['id' => $text, 'state' => 'missing'];
        }
        if ($content->isRedirect()) {
            $target = $content->getEntityRedirect()->getTargetId()->getSerialization();
            return ['id' => $text, 'state' => 'redirect', 'revision' => $revision->getId(),
                'target' => $target];
        }
        $found = ['id' => $text, 'state' => 'found', 'revision' => $revision->getId()];
        if ($withDocument) {
            $found['document'] = ['lastrevid' => $revision->getId()]
                + $this->serializer->serialize($content->getEntity());
        }
        return $found;
    }

    private function revision(EntityId $id, int $minRevision): ?RevisionRecord
    {
        $title = $this->titles->getTitleForId($id);
        if ($title === null) {
            return null;
        }
        $found = $this->revisions->getRevisionByTitle($title);
        if ($minRevision > 0 && ($found === null || $found->getId() < $minRevision)) {
            // a replica that lags behind; or the page was deleted
            $found = $this->revisions->getRevisionByTitle($title, 0, IDBAccessObject::READ_LATEST);
        }
        return $found;
    }

    private function content(RevisionRecord $revision): ?EntityContent
    {
        foreach ($revision->getSlots()->getSlots() as $slot) {
            if ($this->contentFactory->isEntityContentModel($slot->getModel())) {
                $content = $slot->getContent();
                if (!$content instanceof EntityContent) {
                    throw new RuntimeException("revision {$revision->getId()} can't be read");
                }
                return $content;
            }
        }
        return null;
    }
}
