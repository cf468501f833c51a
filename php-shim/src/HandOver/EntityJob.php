<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// One job for the runner: check this entity, at this revision or a later one.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\HandOver;

use Closure;

final class EntityJob
{
    /** The page changed. Without a revision the runner must ask the wiki for the present state. */
    public const EDIT = 'edit';
    /** All entities are checked. */
    public const FILL = 'fill';
    /** A result was asked for. */
    public const REQUEST = 'request';

    /**
     * @param string $entity Its ID
     * @param int $revision 0: whatever is current (also for a deleted entity)
     * @param string $priority low, normal or high
     * @param ?Closure():?array $document Makes the entity's JSON of exactly that revision; called
     *  when the job is sent, since that is after the response
     * @param string $reason EDIT, FILL or REQUEST
     */
    public function __construct(
        public readonly string $entity,
        public readonly int $revision = 0,
        public readonly string $priority = 'normal',
        private readonly ?Closure $document = null,
        public readonly string $reason = self::EDIT
    ) {
    }

    /** The order of the page's revisions is no longer known: none of its documents counts. */
    public function asksTheWiki(): bool
    {
        return $this->reason === self::EDIT && $this->revision === 0;
    }

    /** As the API has it. */
    public function toArray(bool $withDocument): array
    {
        $job = ['type' => 'check', 'entity' => $this->entity];
        if ($this->revision > 0) {
            $job['revision'] = $this->revision;
        }
        if ($this->priority !== 'normal') {
            $job['priority'] = $this->priority;
        }
        if ($this->reason !== self::EDIT) {
            $job['reason'] = $this->reason;
        }
        $document = $withDocument && $this->document !== null ? ($this->document)() : null;
        if ($document !== null) {
            $job['document'] = $document;
        }
        return $job;
    }
}
