<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Stand-ins for interfaces and factories of Wikibase's lib, view and repo.

declare(strict_types=1);

namespace Wikibase\Lib {
    class LanguageFallbackChainFactory
    {
        public function newFromLanguage($language): object
        {
            return new class ($language->getCode()) {
                public function __construct(private readonly string $code)
                {
                }

                public function getFetchLanguageCodes(): array
                {
                    return [$this->code];
                }
            };
        }
    }
}

namespace Wikibase\Lib\Store {
    use MediaWiki\Title\Title;
    use Wikibase\DataModel\Entity\EntityId;

    class LookupConstants
    {
        public const LATEST_FROM_REPLICA = 'replica';
    }

    interface EntityTitleLookup
    {
        public function getTitleForId(EntityId $id);

        public function getTitlesForIds(array $ids);
    }

    interface EntityIdLookup
    {
        public function getEntityIds(array $titles);

        public function getEntityIdForTitle(Title $title);
    }
}

namespace Wikibase\Lib\Store\Sql {
    interface WikiPageEntityMetaDataAccessor
    {
        public function loadLatestRevisionIds(array $entityIds, $mode);
    }
}

namespace Wikibase\Lib\Units {
    class StandinUnitStorage
    {
        public function __construct(private readonly array $units)
        {
        }

        protected function loadStorageData(): array
        {
            return $this->units;
        }
    }
}

namespace Wikibase\View {
    use MediaWiki\Language\Language;

    interface EntityIdFormatterFactory
    {
        public function getEntityIdFormatter(Language $language);
    }
}

namespace Wikibase\Repo {
    use MediaWiki\Language\Language;
    use Wikibase\View\EntityIdFormatterFactory;

    class EntityIdLabelFormatterFactory implements EntityIdFormatterFactory
    {
        public function getEntityIdFormatter(Language $language)
        {
            return new StandinPlainLabels();
        }
    }
}
