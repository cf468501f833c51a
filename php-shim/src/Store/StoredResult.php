<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// A row of entity_result: what WBQC would cache, and what is known of it.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Store;

final class StoredResult
{
    /**
     * @param int $checkNumber Another one after each check
     * @param string $checkedAt As the runner writes it: 2026-11-21T18:20:00.123Z
     * @param int[] $counts Checks by status, of every status
     * @param string[] $incomplete Why some checks could not be completed
     * @param array $value results, latestRevisionIds, futureTime?
     */
    public function __construct(
        public readonly string $entity,
        public readonly int $revision,
        public readonly int $checkNumber,
        public readonly string $checkedAt,
        public readonly float $checkedAtUnix,
        public readonly array $counts,
        public readonly array $incomplete,
        public readonly string $engine,
        public readonly array $value
    ) {
    }

    /** @param int[] $revisions By ID, in place of those recorded in latestRevisionIds */
    public function withRevisions(array $revisions): self
    {
        $value = $this->value;
        $value['latestRevisionIds'] = array_replace($value['latestRevisionIds'], $revisions);
        return new self(
            $this->entity,
            $this->revision,
            $this->checkNumber,
            $this->checkedAt,
            $this->checkedAtUnix,
            $this->counts,
            $this->incomplete,
            $this->engine,
            $value
        );
    }
}
