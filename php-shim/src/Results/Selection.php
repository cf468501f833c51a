<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// The requested part of an entity's results, as CheckingResultsSource would select it.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use WikibaseQuality\ConstraintReport\ConstraintCheck\Context\EntityContextCursor;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\CheckResult;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\NullResult;

final class Selection
{
    /**
     * @param string[]|null $constraintIds null: all
     * @param string[] $statuses
     */
    public function __construct(
        private readonly ?array $constraintIds,
        private readonly array $statuses
    ) {
    }

    /**
     * Of a whole entity.
     * @param CheckResult[] $results
     * @return CheckResult[]
     */
    public function ofEntity(array $results): array
    {
        return array_values(array_filter($results, $this->takes(...)));
    }

    /**
     * Of one statement; what says that the entity was checked is not part of it.
     * @param CheckResult[] $results
     * @return CheckResult[]
     */
    public function ofStatement(array $results, string $guid): array
    {
        return array_values(array_filter(
            $results,
            function (CheckResult $result) use ($guid): bool {
                $cursor = $result->getContextCursor();
                return !$cursor instanceof EntityContextCursor
                    && $cursor->getStatementGuid() === $guid && $this->takes($result);
            }
        ));
    }

    private function takes(CheckResult $result): bool
    {
        if ($result instanceof NullResult) {
            return true;
        }
        return in_array($result->getStatus(), $this->statuses, true)
            && ($this->constraintIds === null || in_array(
                $result->getConstraint()->getConstraintId(),
                $this->constraintIds,
                true
            ));
    }
}
