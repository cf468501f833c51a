<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// The services of Wikibase that php-shim asks for.

declare(strict_types=1);

use Wikibase\DataModel\Entity\EntityIdParser;
use Wikibase\Lib\LanguageFallbackChainFactory;
use Wikibase\Repo\Content\EntityContentFactory;
use Wikibase\Repo\EntityIdLabelFormatterFactory;
use Wikibase\Repo\StandinPages;
use Wikibase\Repo\StandinSerializer;
use Wikibase\Repo\StandinTerms;

$source = new class {
    public function getSourceName(): string
    {
        return 'local';
    }

    public function getConceptBaseUri(): string
    {
        return 'https://wiki.example/entity/';
    }

    public function getSources(): array
    {
        return [$this];
    }
};
$namespaces = new class {
    public function getEntityNamespaces(): array
    {
        return ['item' => 120, 'property' => 122];
    }
};
$settings = new class {
    private const UNITS = [
        'class' => \Wikibase\Lib\Units\StandinUnitStorage::class,
        'args' => [['Q1' => ['factor' => '1000', 'unit' => 'Q2']]],
    ];

    public function hasSetting(string $name): bool
    {
        return $name === 'unitStorage';
    }

    public function getSetting(string $name): mixed
    {
        return self::UNITS;
    }
};
$languages = new class {
    public function getLanguages(): array
    {
        return ['de', 'en'];
    }
};
return array_map(static fn (object $service) => static fn () => $service, [
    'WikibaseRepo.AllTypesEntitySerializer' => new StandinSerializer(),
    'WikibaseRepo.EntityContentFactory' => new EntityContentFactory(),
    'WikibaseRepo.EntityIdHtmlLinkFormatterFactory' => new StandinTerms(),
    'WikibaseRepo.EntityIdLabelFormatterFactory' => new EntityIdLabelFormatterFactory(),
    'WikibaseRepo.EntityIdLookup' => new StandinPages(),
    'WikibaseRepo.EntityIdParser' => new EntityIdParser(),
    'WikibaseRepo.EntityNamespaceLookup' => $namespaces,
    'WikibaseRepo.EntitySourceDefinitions' => $source,
    'WikibaseRepo.EntityTitleLookup' => new StandinPages(),
    'WikibaseRepo.LanguageFallbackChainFactory' => new LanguageFallbackChainFactory(),
    'WikibaseRepo.LocalEntitySource' => $source,
    'WikibaseRepo.LocalRepoWikiPageMetaDataAccessor' => new StandinPages(),
    'WikibaseRepo.Settings' => $settings,
    'WikibaseRepo.TermBuffer' => new StandinTerms(),
    'WikibaseRepo.TermsLanguages' => $languages,
]);
