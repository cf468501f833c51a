<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Stand-ins for the content of entity pages: JSON as the API has it, or {"redirect": "Q1"}.

declare(strict_types=1);

namespace Wikibase\Repo\Content;

use MediaWiki\Content\JsonContent;
use MediaWiki\Content\JsonContentHandler;
use MediaWiki\Title\Title;
use Wikibase\DataModel\Entity\EntityId;
use Wikibase\DataModel\Entity\EntityRedirect;

class EntityContent extends JsonContent
{
    public function __construct($text, $modelId = 'standin-entity')
    {
        parent::__construct($text, $modelId);
    }

    public function getEntityId(): EntityId
    {
        return new EntityId($this->data()['id']);
    }

    public function getEntity(): array
    {
        return $this->data();
    }

    public function isRedirect()
    {
        return isset($this->data()['redirect']);
    }

    public function getEntityRedirect()
    {
        return new EntityRedirect($this->getEntityId(), new EntityId($this->data()['redirect']));
    }

    public function getRedirectTarget()
    {
        return $this->isRedirect() ? Title::makeTitle(120, $this->data()['redirect']) : null;
    }

    private function data(): array
    {
        return json_decode($this->getText(), true) ?? [];
    }
}

class EntityContentFactory
{
    public function isEntityContentModel(string $contentModel): bool
    {
        return $contentModel === 'standin-entity';
    }
}

class StandinHandler extends JsonContentHandler
{
    public function __construct($modelId = 'standin-entity', ...$services)
    {
        parent::__construct($modelId, ...$services);
    }

    protected function getContentClass()
    {
        return EntityContent::class;
    }

    public function makeEmptyContent()
    {
        return new EntityContent('{}');
    }

    public function supportsRedirects()
    {
        return true;
    }
}
