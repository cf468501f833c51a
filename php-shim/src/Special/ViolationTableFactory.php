<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Makes the tables of the work list, in the reader's language.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Special;

use MediaWiki\SpecialPage\SpecialPage;
use Wikibase\DataModel\Entity\EntityIdParser;
use Wikibase\DataModel\Services\Term\TermBuffer;
use Wikibase\DataModel\Term\TermTypes;
use Wikibase\Lib\LanguageFallbackChainFactory;
use Wikibase\Lib\Store\EntityTitleLookup;
use Wikibase\View\EntityIdFormatterFactory;

class ViolationTableFactory
{
    public function __construct(
        private readonly EntityIdParser $idParser,
        private readonly EntityTitleLookup $titleLookup,
        private readonly EntityIdFormatterFactory $linkFormatterFactory,
        private readonly TermBuffer $termBuffer,
        private readonly LanguageFallbackChainFactory $fallbackChains
    ) {
    }

    /** @param ?string $list Parameters of this page of the list; null: no checking again */
    public function newTable(SpecialPage $page, ?string $list): ViolationTable
    {
        $language = $page->getLanguage();
        $languages = $this->fallbackChains->newFromLanguage($language)->getFetchLanguageCodes();
        return new ViolationTable(
            $page,
            $list,
            $this->idParser,
            $this->titleLookup,
            $this->linkFormatterFactory->getEntityIdFormatter($language),
            // all labels with one query instead of one for each
            fn (array $ids) => $this->termBuffer->prefetchTerms(
                $ids,
                [TermTypes::TYPE_LABEL],
                $languages
            )
        );
    }
}
