<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// The settings of Wikibase and WikibaseQualityConstraints on this wiki that determine the results
// of checks, for the runner, under the runner's names.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Settings;

use Closure;
use MediaWiki\Config\Config;
use Throwable;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Helper\FormatCheckerHelper;
use Wikimedia\ObjectFactory\ObjectFactory;

class WikiSettings
{
    /** Settings of the runner: name there => name in WBQC without its prefix. */
    private const OTHERS = [
        'check_qualifiers' => 'CheckQualifiers',
        'check_references' => 'CheckReferences',
        'check_format_constraint' => 'CheckFormatConstraint',
        'enable_suggestion_constraint_status' => 'EnableSuggestionConstraintStatus',
        'properties_with_violating_qualifiers' => 'PropertiesWithViolatingQualifiers',
        'start_time_properties' => 'StartTimePropertyIds',
        'end_time_properties' => 'EndTimePropertyIds',
        'year_unit' => 'YearUnit',
        'second_unit' => 'SecondUnit',
    ];

    /** Ids that the runner uses, without prefix and suffix of WBQC's names. */
    private const IDS = [
        'InstanceOf', 'SubclassOf', 'PropertyConstraint', 'ExceptionToConstraint',
        'ConstraintStatus', 'MandatoryConstraint', 'SuggestionConstraint',
        'DistinctValuesConstraint', 'MultiValueConstraint', 'UsedAsQualifierConstraint',
        'SingleValueConstraint', 'SymmetricConstraint', 'TypeConstraint', 'ValueTypeConstraint',
        'InverseConstraint', 'ItemRequiresClaimConstraint', 'ValueRequiresClaimConstraint',
        'ConflictsWithConstraint', 'OneOfConstraint', 'MandatoryQualifierConstraint',
        'AllowedQualifiersConstraint', 'RangeConstraint', 'DifferenceWithinRangeConstraint',
        'CommonsLinkConstraint', 'ContemporaryConstraint', 'FormatConstraint',
        'UsedForValuesOnlyConstraint', 'UsedAsReferenceConstraint', 'NoBoundsConstraint',
        'AllowedUnitsConstraint', 'SingleBestValueConstraint', 'AllowedEntityTypesConstraint',
        'CitationNeededConstraint', 'PropertyScopeConstraint', 'LexemeLanguageConstraint',
        'LabelInLanguageConstraint', 'LanguageProperty', 'Class', 'Relation', 'InstanceOfRelation',
        'SubclassOfRelation', 'InstanceOrSubclassOfRelation', 'Property',
        'QualifierOfPropertyConstraint', 'MinimumQuantity', 'MaximumQuantity', 'MinimumDate',
        'MaximumDate', 'Namespace', 'FormatAsARegularExpression', 'SyntaxClarification',
        'ConstraintClarification', 'ConstraintScope', 'ConstraintEntityTypes', 'Separator',
        'ConstraintCheckedOnMainValue', 'ConstraintCheckedOnQualifiers',
        'ConstraintCheckedOnReferences', 'NoneOfConstraint', 'IntegerConstraint', 'WikibaseItem',
        'WikibaseProperty', 'WikibaseLexeme', 'WikibaseForm', 'WikibaseSense', 'WikibaseMediaInfo',
        'PropertyScope', 'AsMainValue', 'AsQualifiers', 'AsReferences',
    ];

    private const PREFIX = 'WBQualityConstraints';

    /**
     * @param Config $config The wiki's main one
     * @param object $local Wikibase's source of the wiki's own entities, with getConceptBaseUri()
     * @param object $wikibase Wikibase's settings, with hasSetting() and getSetting()
     * @param string[] $languages Of terms
     */
    public function __construct(
        private readonly string $wiki,
        private readonly Config $config,
        private readonly object $local,
        private readonly object $wikibase,
        private readonly ObjectFactory $objects,
        private readonly array $languages
    ) {
    }

    /**
     * @return array `wiki`, `settings` and `ids` by name, `languages`, and `unit_conversion`: from unit
     *  to conversion, null when units are not converted; it is absent when it can't be told
     */
    public function toArray(): array
    {
        $answer = [
            'wiki' => $this->wiki,
            'settings' => $this->settings(),
            'ids' => $this->ids(),
            'languages' => $this->languages,
        ];
        try {
            $answer['unit_conversion'] = $this->unitConversion();
        } catch (Throwable) {
            // of a storage that can't be listed
        }
        return $answer;
    }

    /**
     * The version of WBQC as the setting `wbqc` of the runner names it. WBQC itself is always at
     * 1.0.0; the class came with the format check of 1.44.
     */
    public static function wbqcVersion(): string
    {
        return class_exists(FormatCheckerHelper::class) ? '1.44' : '1.43';
    }

    private function settings(): array
    {
        $settings = [
            'wbqc' => self::wbqcVersion(),
            'concept_base_uri' => $this->local->getConceptBaseUri(),
        ];
        foreach (self::OTHERS as $name => $theirs) {
            if ($this->config->has(self::PREFIX . $theirs)) {
                $value = $this->config->get(self::PREFIX . $theirs);
                $settings[$name] = is_array($value) ? array_values($value) : $value;
            }
        }
        return $settings;
    }

    private function ids(): array
    {
        $ids = [];
        foreach (self::IDS as $id) {
            $name = self::PREFIX . $id . 'Id';
            if ($this->config->has($name)) {
                $ids[$name] = (string)$this->config->get($name);
            }
        }
        return $ids;
    }

    private function unitConversion(): ?array
    {
        $spec = $this->wikibase->hasSetting('unitStorage')
            ? $this->wikibase->getSetting('unitStorage') : null;
        if (!$spec) {
            return null;
        }
        $storage = $this->objects->createObject($spec, ['allowClassName' => true]);
        // all of Wikibase's storages have this; none shows it
        $load = Closure::bind(fn () => $this->loadStorageData(), $storage, $storage::class);
        return $load() ?: null;
    }
}
