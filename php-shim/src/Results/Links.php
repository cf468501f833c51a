<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// The entities that an entity's statements link to. WBQC does not count an entity that it did not
// find among the dependencies of a result; the code that stores the result must know when it
// appears.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use Throwable;
use Wikibase\DataModel\Entity\EntityId;
use Wikibase\DataModel\Entity\EntityIdValue;
use Wikibase\DataModel\Services\Lookup\EntityLookup;
use Wikibase\DataModel\Snak\PropertyValueSnak;
use Wikibase\DataModel\Statement\StatementListProvider;

class Links
{
    public function __construct(private readonly EntityLookup $entityLookup)
    {
    }

    /** @return string[] IDs of the values of main snaks, qualifiers and references */
    public function of(EntityId $entityId): array
    {
        try {
            $entity = $this->entityLookup->getEntity($entityId);
        } catch (Throwable) {
            return []; // WBQC has read it a moment ago; without it we know as much as WBQC
        }
        $ids = [];
        if ($entity instanceof StatementListProvider) {
            foreach ($entity->getStatements()->toArray() as $statement) {
                foreach ($statement->getAllSnaks() as $snak) {
                    $value = $snak instanceof PropertyValueSnak ? $snak->getDataValue() : null;
                    if ($value instanceof EntityIdValue) {
                        $ids[$value->getEntityId()->getSerialization()] = true;
                    }
                }
            }
        }
        return array_map('strval', array_keys($ids));
    }
}
