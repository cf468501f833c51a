<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// The services of WBQC that php-shim asks for.

declare(strict_types=1);

use MediaWiki\MediaWikiServices;
use Wikibase\Repo\StandinPages;
use WikibaseQuality\ConstraintReport\Api\CachingResultsSource;
use WikibaseQuality\ConstraintReport\Api\CheckingResultsSource;
use WikibaseQuality\ConstraintReport\ConstraintCheck\DelegatingConstraintChecker;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Message\ViolationMessageRendererFactory;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\CheckResultDeserializer;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\CheckResultSerializer;

return [
    'WBQC_CheckResultDeserializer' => static fn () => new CheckResultDeserializer(),
    'WBQC_CheckResultSerializer' => static fn () => new CheckResultSerializer(),
    'WBQC_DelegatingConstraintChecker' => static fn () => new DelegatingConstraintChecker(),
    'WBQC_EntityLookup' => static fn () => new StandinPages(),
    'WBQC_LoggingHelper' => static fn () => new stdClass(),
    'WBQC_ResultsSource' => static fn (MediaWikiServices $services) => new CachingResultsSource(
        new CheckingResultsSource($services->getService('WBQC_DelegatingConstraintChecker')),
        null,
        null,
        null,
        null,
        null,
        0,
        [],
        0,
        null
    ),
    'WBQC_ViolationMessageRendererFactory' => static fn () => new ViolationMessageRendererFactory(),
];
