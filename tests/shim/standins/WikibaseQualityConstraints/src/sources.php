<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Stand-ins for what gives results in WBQC. A check finds one warning, with the message key
// "checked-by-wbqc", so that the tests can tell it from the runner's, and what a test puts into
// $wgStandinResults (serialized).

declare(strict_types=1);

namespace WikibaseQuality\ConstraintReport\ConstraintCheck\Helper {
    class TimeValueComparer
    {
        public function isFutureTime($timeValue)
        {
            return true;
        }
    }
}

namespace WikibaseQuality\ConstraintReport\ConstraintCheck\Message {
    use MediaWiki\Language\Language;
    use MediaWiki\Message\Message;
    use MessageLocalizer;

    class ViolationMessage
    {
        public function __construct(private readonly string $key, private readonly array $arguments = [])
        {
        }

        public function getMessageKey()
        {
            return $this->key;
        }

        public function getArguments()
        {
            return $this->arguments;
        }
    }

    /** Arguments as they are serialized, in bold. */
    class ViolationMessageRenderer
    {
        public function __construct(private readonly MessageLocalizer $localizer)
        {
        }

        public function render(ViolationMessage $violationMessage): string
        {
            $params = array_map(static fn (array $argument) => Message::rawParam(
                '<b>' . htmlspecialchars(implode(', ', (array)$argument['v'])) . '</b>'
            ), $violationMessage->getArguments());
            return $this->localizer->msg($violationMessage->getMessageKey(), ...$params)->escaped();
        }
    }

    class ViolationMessageRendererFactory
    {
        public function getViolationMessageRenderer(
            Language $userLanguage,
            object $languageFallbackChain,
            MessageLocalizer $messageLocalizer
        ): ViolationMessageRenderer {
            return new ViolationMessageRenderer($messageLocalizer);
        }
    }
}

namespace WikibaseQuality\ConstraintReport\ConstraintCheck {
    use Wikibase\DataModel\Entity\EntityId;
    use WikibaseQuality\ConstraintReport\ConstraintCheck\Cache\DependencyMetadata;
    use WikibaseQuality\ConstraintReport\ConstraintCheck\Cache\Metadata;
    use WikibaseQuality\ConstraintReport\ConstraintCheck\Context\EntityContextCursor;
    use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\CheckResultDeserializer;
    use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\NullResult;

    class DelegatingConstraintChecker
    {
        public function checkAgainstConstraintsOnEntityId(
            EntityId $entityId,
            ?array $constraintIds = null,
            ?callable $defaultResultsPerContext = null,
            ?callable $defaultResultsPerEntity = null
        ): array {
            wfMessage('mainpage')->inContentLanguage()->text(); // the real one needs languages
            $id = $entityId->getSerialization();
            $null = new NullResult(new EntityContextCursor($id));
            $warning = (new CheckResultDeserializer())->deserialize([
                '|' => ['t' => 'statement', 'i' => $id, 'p' => 'P10', 'g' => "$id\$1", 'h' => ''],
                'c' => ['id' => 'P10$1', 'pid' => 'P10', 'qid' => 'Q19474404'],
                's' => 'warning',
                'm' => ['k' => 'checked-by-wbqc', 'a' => []],
            ]);
            $metadata = Metadata::ofDependencyMetadata(DependencyMetadata::ofEntityId($entityId));
            $more = array_map(
                (new CheckResultDeserializer())->deserialize(...),
                $GLOBALS['wgStandinResults'] ?? []
            );
            return [$null->withMetadata($metadata), $warning, ...$more];
        }
    }
}

namespace WikibaseQuality\ConstraintReport\Api {
    use Wikibase\DataModel\Entity\EntityId;
    use WikibaseQuality\ConstraintReport\ConstraintCheck\Cache\CachedCheckResults;
    use WikibaseQuality\ConstraintReport\ConstraintCheck\Cache\Metadata;
    use WikibaseQuality\ConstraintReport\ConstraintCheck\DelegatingConstraintChecker;
    use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\NullResult;

    interface ResultsSource
    {
        public function getResults(
            array $entityIds,
            array $claimIds,
            ?array $constraintIds,
            array $statuses
        );
    }

    class ResultsCache
    {
        public static function getDefaultInstance()
        {
            return new self();
        }
    }

    class CheckingResultsSource implements ResultsSource
    {
        public function __construct(private readonly DelegatingConstraintChecker $checker)
        {
        }

        public function getResults(
            array $entityIds,
            array $claimIds,
            ?array $constraintIds,
            array $statuses
        ) {
            $results = [];
            foreach ($entityIds as $entityId) {
                foreach ($this->checker->checkAgainstConstraintsOnEntityId($entityId) as $result) {
                    if ($result instanceof NullResult || in_array($result->getStatus(), $statuses, true)) {
                        $results[] = $result;
                    }
                }
            }
            return new CachedCheckResults(
                $results,
                Metadata::merge(array_map(static fn ($result) => $result->getMetadata(), $results))
            );
        }
    }

    class CachingResultsSource implements ResultsSource
    {
        public const CACHED_STATUSES = ['violation', 'warning', 'suggestion', 'bad-parameters'];

        public function __construct(
            private readonly ResultsSource $source,
            $cache,
            $serializer,
            $deserializer,
            $metaDataAccessor,
            $entityIdParser,
            $ttlInSeconds,
            array $possiblyStaleConstraintTypes,
            $maxRevisionIds,
            $loggingHelper
        ) {
        }

        public function getResults(
            array $entityIds,
            array $claimIds,
            ?array $constraintIds,
            array $statuses
        ) {
            return $this->source->getResults($entityIds, $claimIds, $constraintIds, $statuses);
        }

        public function getStoredResults(EntityId $entityId, $forRevision = 0)
        {
            return null;
        }

        public function getAndStoreResults(
            array $entityIds,
            array $claimIds,
            ?array $constraintIds,
            array $statuses
        ) {
            return $this->getResults($entityIds, $claimIds, $constraintIds, $statuses);
        }
    }
}
