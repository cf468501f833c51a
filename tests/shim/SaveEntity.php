<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Saves an entity (JSON on standard input, or {"id", "redirect"}) under the ID that it has, which
// Wikibase's API does not allow, and prints the revision. For tests with the real Wikibase.

declare(strict_types=1);

use MediaWiki\Maintenance\Maintenance;
use Wikibase\DataModel\Entity\EntityRedirect;

class SaveEntity extends Maintenance
{
    public function __construct()
    {
        parent::__construct();
        $this->addOption('user', 'Who saves it', true, true);
    }

    public function execute()
    {
        $services = $this->getServiceContainer();
        $user = $services->getUserFactory()->newFromName($this->getOption('user'));
        $store = $services->getService('WikibaseRepo.EntityStore');
        $document = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
        if (isset($document['redirect'])) {
            $parser = $services->getService('WikibaseRepo.EntityIdParser');
            $redirect = new EntityRedirect(
                $parser->parse($document['id']),
                $parser->parse($document['redirect'])
            );
            $this->output($store->saveRedirect($redirect, 'test', $user) . "\n");
            return;
        }
        unset($document['lastrevid']);
        $entity = $services->getService('WikibaseRepo.AllTypesEntityDeserializer')->deserialize($document);
        $this->output($store->saveEntity($entity, 'test', $user)->getRevisionId() . "\n");
    }
}

return SaveEntity::class;
