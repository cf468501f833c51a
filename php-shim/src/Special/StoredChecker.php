<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Gives Special:ConstraintReport, which checks by itself, the stored report instead. An entity
// without one is checked immediately; a stale report is shown, and the page says so.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Special;

use MediaWiki\Extension\ConstraintRunner\Results\EntityReports;
use MediaWiki\Extension\ConstraintRunner\Results\Report;
use Wikibase\DataModel\Entity\EntityId;
use WikibaseQuality\ConstraintReport\ConstraintCheck\DelegatingConstraintChecker;

final class StoredChecker extends DelegatingConstraintChecker
{
    private ?Report $report = null;

    /** The parent's parts are not needed, so it is not constructed. */
    // phpcs:ignore Generic.CodeAnalysis.UselessOverridingMethod
    public function __construct(
        private readonly DelegatingConstraintChecker $wbqc,
        private readonly EntityReports $reports
    ) {
    }

    /** @inheritDoc */
    public function checkAgainstConstraintsOnEntityId(
        EntityId $entityId,
        ?array $constraintIds = null,
        ?callable $defaultResultsPerContext = null,
        ?callable $defaultResultsPerEntity = null
    ): array {
        $this->report = $this->reports->report($entityId);
        return $this->report?->results ?? $this->wbqc->checkAgainstConstraintsOnEntityId(
            $entityId,
            $constraintIds,
            $defaultResultsPerContext,
            $defaultResultsPerEntity
        );
    }

    /** What the last call gave; null: WBQC checked */
    public function lastReport(): ?Report
    {
        return $this->report;
    }
}
