<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Stand-ins for WBQC's results, their contexts and their metadata.

declare(strict_types=1);

namespace WikibaseQuality\ConstraintReport {
    class Constraint
    {
        public function __construct(
            private readonly string $id,
            private readonly object $propertyId,
            private readonly string $typeItemId,
            private readonly array $parameters = []
        ) {
        }

        public function getConstraintId()
        {
            return $this->id;
        }

        public function getPropertyId()
        {
            return $this->propertyId;
        }

        public function getConstraintTypeItemId()
        {
            return $this->typeItemId;
        }
    }
}

namespace WikibaseQuality\ConstraintReport\ConstraintCheck\Context {
    class ContextCursor
    {
        public function __construct(
            private readonly string $entityId,
            private readonly ?string $statementGuid,
            private readonly array $serialization
        ) {
        }

        public function getEntityId()
        {
            return $this->entityId;
        }

        public function getStatementGuid()
        {
            return $this->statementGuid;
        }

        public function toArray(): array
        {
            return $this->serialization;
        }
    }

    class EntityContextCursor extends ContextCursor
    {
        public function __construct($entityId)
        {
            parent::__construct($entityId, null, ['t' => '\\entity', 'i' => $entityId]);
        }

        public function getStatementGuid()
        {
            throw new \LogicException('not of an entity');
        }
    }
}

namespace WikibaseQuality\ConstraintReport\ConstraintCheck\Cache {
    class CachingMetadata
    {
        private int $age = 0;

        public static function fresh(): self
        {
            return new self();
        }

        public static function ofMaximumAgeInSeconds(int $maxAge): self
        {
            $metadata = new self();
            $metadata->age = $maxAge;
            return $metadata;
        }

        public function isCached(): bool
        {
            return $this->age > 0;
        }
    }

    class DependencyMetadata
    {
        private array $ids = [];

        public static function blank()
        {
            return new self();
        }

        public static function ofEntityId($entityId)
        {
            $metadata = new self();
            $metadata->ids[] = $entityId;
            return $metadata;
        }

        public static function ofFutureTime($timeValue)
        {
            return new self();
        }

        public static function merge(array $metadatas)
        {
            $merged = new self();
            foreach ($metadatas as $metadata) {
                $merged->ids = array_merge($merged->ids, $metadata->ids);
            }
            return $merged;
        }

        public function getEntityIds()
        {
            return $this->ids;
        }

        public function getFutureTime()
        {
            return null;
        }
    }

    class Metadata
    {
        private CachingMetadata $caching;
        private DependencyMetadata $dependencies;

        public static function blank()
        {
            $metadata = new self();
            $metadata->caching = CachingMetadata::fresh();
            $metadata->dependencies = DependencyMetadata::blank();
            return $metadata;
        }

        public static function ofCachingMetadata(CachingMetadata $caching)
        {
            $metadata = self::blank();
            $metadata->caching = $caching;
            return $metadata;
        }

        public static function ofDependencyMetadata(DependencyMetadata $dependencies)
        {
            $metadata = self::blank();
            $metadata->dependencies = $dependencies;
            return $metadata;
        }

        public static function merge(array $metadatas)
        {
            $merged = self::blank();
            foreach ($metadatas as $metadata) {
                if ($metadata->caching->isCached()) {
                    $merged->caching = $metadata->caching;
                }
                $merged->dependencies = DependencyMetadata::merge(
                    [$merged->dependencies, $metadata->dependencies]
                );
            }
            return $merged;
        }

        public function getCachingMetadata()
        {
            return $this->caching;
        }

        public function getDependencyMetadata()
        {
            return $this->dependencies;
        }
    }

    class CachedCheckResults
    {
        public function __construct(private readonly array $array, private readonly Metadata $metadata)
        {
        }

        public function getArray()
        {
            return $this->array;
        }

        public function getMetadata()
        {
            return $this->metadata;
        }
    }
}

namespace WikibaseQuality\ConstraintReport\ConstraintCheck\Result {
    use WikibaseQuality\ConstraintReport\ConstraintCheck\Cache\Metadata;
    use WikibaseQuality\ConstraintReport\ConstraintCheck\Context\ContextCursor;

    class CheckResult
    {
        private Metadata $metadata;

        public function __construct(
            private readonly ContextCursor $cursor,
            private readonly ?object $constraint,
            private readonly string $status,
            private readonly ?object $message = null
        ) {
            $this->metadata = Metadata::blank();
        }

        public function getContextCursor()
        {
            return $this->cursor;
        }

        public function getConstraint()
        {
            return $this->constraint;
        }

        public function getStatus()
        {
            return $this->status;
        }

        public function getMessage()
        {
            return $this->message;
        }

        public function getMetadata()
        {
            return $this->metadata;
        }

        public function withMetadata(Metadata $metadata)
        {
            $this->metadata = $metadata;
            return $this;
        }
    }

    class NullResult extends CheckResult
    {
        public function __construct(ContextCursor $cursor)
        {
            parent::__construct($cursor, null, '');
        }
    }
}
