<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Stand-ins for WBQC's serialization of results, of which only what identifies a result is kept.

declare(strict_types=1);

namespace WikibaseQuality\ConstraintReport\ConstraintCheck\Result;

use Wikibase\DataModel\Entity\EntityId;
use WikibaseQuality\ConstraintReport\Constraint;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Context\ContextCursor;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Context\EntityContextCursor;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Message\ViolationMessage;

class CheckResultSerializer
{
    public function serialize(CheckResult $checkResult): array
    {
        $serialization = ['|' => $checkResult->getContextCursor()->toArray()];
        if ($checkResult instanceof NullResult) {
            return $serialization + ['0' => 1];
        }
        $constraint = $checkResult->getConstraint();
        $message = $checkResult->getMessage();
        return $serialization + [
            'c' => [
                'id' => $constraint->getConstraintId(),
                'pid' => $constraint->getPropertyId()->getSerialization(),
                'qid' => $constraint->getConstraintTypeItemId(),
            ],
            's' => $checkResult->getStatus(),
            'CM' => [],
        ] + ($message === null ? [] : ['m' => [
            'k' => preg_replace('/^wbqc-violation-message-/', '', $message->getMessageKey()),
            'a' => $message->getArguments(),
        ]]);
    }
}

class CheckResultDeserializer
{
    public function deserialize(array $serialization): CheckResult
    {
        $cursor = $serialization['|']['t'] === '\\entity'
            ? new EntityContextCursor($serialization['|']['i'])
            : new ContextCursor(
                $serialization['|']['i'],
                $serialization['|']['g'],
                $serialization['|']
            );
        if (isset($serialization['0'])) {
            return new NullResult($cursor);
        }
        $key = $serialization['m']['k'] ?? null;
        return new CheckResult(
            $cursor,
            new Constraint(
                $serialization['c']['id'],
                new EntityId($serialization['c']['pid']),
                $serialization['c']['qid']
            ),
            $serialization['s'],
            $key === null ? null : new ViolationMessage(
                "wbqc-violation-message-$key",
                $serialization['m']['a'] ?? []
            )
        );
    }
}
