<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Stand-ins for classes of Wikibase's data model and its services.

declare(strict_types=1);

namespace DataValues {
    class TimeValue
    {
        private function __construct(private readonly array $data)
        {
        }

        public static function newFromArray($data)
        {
            return new self($data);
        }

        public function getArrayValue(): array
        {
            return $this->data;
        }
    }
}

namespace Serializers {
    interface Serializer
    {
        public function serialize($object);
    }
}

namespace Wikibase\DataModel\Entity {
    class EntityRedirect
    {
        public function __construct(
            private readonly EntityId $entityId,
            private readonly EntityId $targetId
        ) {
        }

        public function getTargetId()
        {
            return $this->targetId;
        }
    }

    class EntityIdParsingException extends \RuntimeException
    {
    }

    class EntityId
    {
        public function __construct(private readonly string $serialization)
        {
        }

        public function getSerialization(): string
        {
            return $this->serialization;
        }

        public function getEntityType(): string
        {
            return $this->serialization[0] === 'P' ? 'property' : 'item';
        }

        public function __toString(): string
        {
            return $this->serialization;
        }
    }

    class EntityIdParser
    {
        public function parse($idSerialization): EntityId
        {
            if (!preg_match('/^[QP][1-9]\d{0,9}$/Di', $idSerialization)) {
                throw new EntityIdParsingException("\"$idSerialization\" is no ID");
            }
            return new EntityId(strtoupper($idSerialization));
        }
    }
}

namespace Wikibase\DataModel\Services\EntityId {
    use Wikibase\DataModel\Entity\EntityId;

    interface EntityIdFormatter
    {
        public function formatEntityId(EntityId $value);
    }

    class EscapingEntityIdFormatter implements EntityIdFormatter
    {
        /** @param callable $escape */
        public function __construct(private readonly EntityIdFormatter $formatter, private $escape)
        {
        }

        public function formatEntityId(EntityId $value)
        {
            return ($this->escape)($this->formatter->formatEntityId($value));
        }
    }
}

namespace Wikibase\DataModel\Services\Lookup {
    use Wikibase\DataModel\Entity\EntityId;

    interface EntityLookup
    {
        public function getEntity(EntityId $entityId);

        public function hasEntity(EntityId $entityId);
    }
}

namespace Wikibase\DataModel\Services\Term {
    interface TermBuffer
    {
        public function prefetchTerms(array $entityIds, array $termTypes, array $languageCodes);
    }
}

namespace Wikibase\DataModel\Term {
    class TermTypes
    {
        public const TYPE_LABEL = 'label';
    }
}
