<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Check results in the form in which they are stored: what WBQC's CachingResultsSource would cache,
// the counts of all statuses, and the violation pairs.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use MediaWiki\Extension\ConstraintRunner\Store\Results;
use WikibaseQuality\ConstraintReport\Api\CachingResultsSource;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Cache\CachedCheckResults;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\CheckResult;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\CheckResultSerializer;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\NullResult;

final class ResultEncoder
{
    private const MESSAGE_PREFIX = 'wbqc-violation-message-';

    public function __construct(private readonly CheckResultSerializer $serializer)
    {
    }

    /**
     * @param CachedCheckResults $results Of this entity alone, of every status
     * @param int[] $revisions Of everything that they depend on; 0: missing or a redirect
     */
    public function encode(
        string $entity,
        CachedCheckResults $results,
        array $revisions,
        int $durationUs
    ): EncodedResult {
        $counts = array_fill_keys(Results::STATUSES, 0);
        $serialized = [];
        $violations = [];
        foreach ($results->getArray() as $result) {
            if (!$result instanceof NullResult) {
                $counts[$result->getStatus()] = ($counts[$result->getStatus()] ?? 0) + 1;
                if (!in_array($result->getStatus(), CachingResultsSource::CACHED_STATUSES, true)) {
                    continue;
                }
                $row = self::violation($result);
                // results are sorted, the gravest first
                $violations[$row['statement'] . "\n" . $row['constraint_id']] ??= $row;
            }
            $serialized[] = $this->serializer->serialize($result);
        }
        $value = ['results' => $serialized, 'latestRevisionIds' => $revisions];
        $futureTime = $results->getMetadata()->getDependencyMetadata()->getFutureTime();
        if ($futureTime !== null) {
            $value['futureTime'] = $futureTime->getArrayValue();
        }
        return new EncodedResult(
            $revisions[$entity],
            $durationUs,
            $counts,
            $value,
            array_values($violations)
        );
    }

    private static function violation(CheckResult $result): array
    {
        $constraint = $result->getConstraint();
        $message = $result->getMessage();
        $key = $message === null ? '' : $message->getMessageKey();
        if (str_starts_with($key, self::MESSAGE_PREFIX)) {
            $key = substr($key, strlen(self::MESSAGE_PREFIX));
        }
        return [
            'statement' => $result->getContextCursor()->getStatementGuid(),
            'constraint_id' => $constraint->getConstraintId(),
            'property' => (int)substr($constraint->getPropertyId()->getSerialization(), 1),
            'type' => $constraint->getConstraintTypeItemId(),
            'status' => $result->getStatus(),
            'message_key' => $key,
        ];
    }
}
