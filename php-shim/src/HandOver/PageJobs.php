<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Which entity a revision of a page holds, and the job for it. An entity may live in the main slot
// (items, properties, lexemes) or in another one (the MediaInfo of a file page).

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\HandOver;

use MediaWiki\Revision\RevisionRecord;
use Psr\Log\LoggerInterface;
use Serializers\Serializer;
use Throwable;
use Wikibase\Repo\Content\EntityContent;
use Wikibase\Repo\Content\EntityContentFactory;

class PageJobs
{
    public function __construct(
        private readonly EntityContentFactory $contentFactory,
        private readonly Serializer $serializer,
        private readonly int $maxDocumentBytes,
        private readonly LoggerInterface $logger
    ) {
    }

    /** A job to check this revision; null when the page has no entity. */
    public function forRevision(RevisionRecord $revision, string $priority = 'normal'): ?EntityJob
    {
        $content = $this->entityContent($revision);
        if ($content === null) {
            return null;
        }
        $id = (int)$revision->getId();
        $document = null;
        if (
            !$content->isRedirect() && $id > 0
            && $revision->getSize() <= $this->maxDocumentBytes
        ) {
            $document = fn (): array => ['lastrevid' => $id]
                + $this->serializer->serialize($content->getEntity());
        }
        return new EntityJob($content->getEntityId()->getSerialization(), $id, $priority, $document);
    }

    /**
     * A job to find out the state of the entity of a page that was deleted or restored.
     * @param RevisionRecord $revision One that has or had the entity
     */
    public function toAsk(RevisionRecord $revision): ?EntityJob
    {
        $content = $this->entityContent($revision);
        return $content === null
            ? null : new EntityJob($content->getEntityId()->getSerialization());
    }

    private function entityContent(RevisionRecord $revision): ?EntityContent
    {
        try {
            foreach ($revision->getSlots()->getSlots() as $slot) {
                if ($this->contentFactory->isEntityContentModel($slot->getModel())) {
                    $content = $slot->getContent();
                    return $content instanceof EntityContent ? $content : null;
                }
            }
        } catch (Throwable $error) { // unreadable content must not fail what the user does
            $this->logger->error(
                'the entity of revision {revision} can\'t be read: {exception}',
                ['revision' => $revision->getId(), 'exception' => $error]
            );
        }
        return null;
    }
}
