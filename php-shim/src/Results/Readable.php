<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Hides rows of entities whose pages the reader may not see, and of deleted pages.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use MediaWiki\Permissions\Authority;
use Wikibase\DataModel\Entity\EntityIdParser;
use Wikibase\DataModel\Entity\EntityIdParsingException;
use Wikibase\Lib\Store\EntityTitleLookup;

class Readable
{
    public function __construct(
        private readonly EntityIdParser $idParser,
        private readonly EntityTitleLookup $titleLookup
    ) {
    }

    /**
     * @param array[] $rows Each with the member entity
     * @return array[]
     */
    public function rows(array $rows, Authority $authority): array
    {
        $ids = [];
        foreach (array_unique(array_column($rows, 'entity')) as $id) {
            try {
                $ids[] = $this->idParser->parse($id);
            } catch (EntityIdParsingException) {
                // of a type that this wiki does not have
            }
        }
        $titles = $ids === [] ? [] : $this->titleLookup->getTitlesForIds($ids);
        $may = array_map(
            static fn ($title) => $title !== null && $authority->definitelyCan('read', $title),
            $titles
        );
        return array_values(array_filter($rows, static fn (array $row) => $may[$row['entity']] ?? false));
    }
}
