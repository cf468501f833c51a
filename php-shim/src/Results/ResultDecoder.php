<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Stored results as WBQC's own objects, with the metadata that WBQC gives to cached ones.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use DataValues\TimeValue;
use MediaWiki\Extension\ConstraintRunner\Store\StoredResult;
use Wikibase\DataModel\Entity\EntityIdParser;
use Wikibase\DataModel\Entity\EntityIdParsingException;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Cache\CachedCheckResults;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Cache\CachingMetadata;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Cache\DependencyMetadata;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Cache\Metadata;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\CheckResult;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\CheckResultDeserializer;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\NullResult;

final class ResultDecoder
{
    /** @param string[] $possiblyStaleTypes Items of constraint types that WBQC can't track wholly */
    public function __construct(
        private readonly CheckResultDeserializer $deserializer,
        private readonly EntityIdParser $idParser,
        private readonly array $possiblyStaleTypes
    ) {
    }

    public function decode(StoredResult $stored): CachedCheckResults
    {
        $age = (int)ceil(microtime(true) - $stored->checkedAtUnix);
        $caching = $age > 0 ? CachingMetadata::ofMaximumAgeInSeconds($age) : CachingMetadata::fresh();
        $results = [];
        foreach ($stored->value['results'] as $serialization) {
            $results[] = $this->result($serialization, $caching);
        }
        return new CachedCheckResults($results, Metadata::merge([
            Metadata::ofCachingMetadata($caching),
            Metadata::ofDependencyMetadata($this->dependencies($stored->value)),
        ]));
    }

    private function result(array $serialization, CachingMetadata $caching): CheckResult
    {
        $result = $this->deserializer->deserialize($serialization);
        if (
            !$result instanceof NullResult && in_array(
                $result->getConstraint()->getConstraintTypeItemId(),
                $this->possiblyStaleTypes,
                true
            )
        ) {
            $result->withMetadata(Metadata::merge([
                $result->getMetadata(),
                Metadata::ofCachingMetadata($caching),
            ]));
        }
        return $result;
    }

    private function dependencies(array $value): DependencyMetadata
    {
        $parts = [DependencyMetadata::blank()];
        foreach (array_keys($value['latestRevisionIds']) as $id) {
            try {
                $parts[] = DependencyMetadata::ofEntityId($this->idParser->parse((string)$id));
            } catch (EntityIdParsingException) {
                // of a type that this wiki does not have
            }
        }
        if (isset($value['futureTime'])) {
            $parts[] = DependencyMetadata::ofFutureTime(TimeValue::newFromArray($value['futureTime']));
        }
        return DependencyMetadata::merge($parts);
    }
}
