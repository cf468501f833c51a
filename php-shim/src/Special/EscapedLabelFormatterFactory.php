<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Labels for Special:ConstraintReport. WBQC outputs the plain text of a label as HTML there
// (SpecialConstraintReport::getClaimLink), so that script in the label of a property or a constraint
// type would run; with this factory it gets HTML. Should WBQC escape one day too, a label with & or <
// is shown with its entities.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Special;

use MediaWiki\Language\Language;
use Wikibase\DataModel\Services\EntityId\EntityIdFormatter;
use Wikibase\DataModel\Services\EntityId\EscapingEntityIdFormatter;
use Wikibase\Repo\EntityIdLabelFormatterFactory;

final class EscapedLabelFormatterFactory extends EntityIdLabelFormatterFactory
{
    /** The parent's parts are not needed, so it is not constructed. */
    // phpcs:ignore Generic.CodeAnalysis.UselessOverridingMethod
    public function __construct(private readonly EntityIdLabelFormatterFactory $plain)
    {
    }

    /** @return EntityIdFormatter Whose texts are HTML */
    public function getEntityIdFormatter(Language $language)
    {
        return new EscapingEntityIdFormatter(
            $this->plain->getEntityIdFormatter($language),
            static fn (string $text): string => htmlspecialchars($text)
        );
    }
}
