<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Arguments for the constructor of a class of WBQC that a class here extends, chosen by the types
// that the constructor itself names: they change between versions of WBQC (StatsdDataFactory became
// StatsFactory in 1.44), and a list kept here would be a fatal error with the next change.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Special;

use LogicException;
use ReflectionClass;
use ReflectionNamedType;
use ReflectionParameter;

final class ParentServices
{
    /** Names of services by type. */
    public const SERVICES = [
        'MediaWiki\Config\Config' => 'MainConfig',
        'Wikibase\DataModel\Entity\EntityIdParser' => 'WikibaseRepo.EntityIdParser',
        'Wikibase\DataModel\Services\Lookup\EntityLookup' => 'WBQC_EntityLookup',
        'Wikibase\Lib\LanguageFallbackChainFactory' => 'WikibaseRepo.LanguageFallbackChainFactory',
        'Wikibase\Lib\Store\EntityTitleLookup' => 'WikibaseRepo.EntityTitleLookup',
        'Wikibase\Repo\EntityIdLabelFormatterFactory' => 'WikibaseRepo.EntityIdLabelFormatterFactory',
        'Wikibase\View\EntityIdFormatterFactory' => 'WikibaseRepo.EntityIdHtmlLinkFormatterFactory',
        'WikibaseQuality\ConstraintReport\ConstraintCheck\DelegatingConstraintChecker'
            => 'WBQC_DelegatingConstraintChecker',
        'WikibaseQuality\ConstraintReport\ConstraintCheck\Message\ViolationMessageRendererFactory'
            => 'WBQC_ViolationMessageRendererFactory',
        'Wikimedia\Stats\IBufferingStatsdDataFactory' => 'StatsdDataFactory', // until 1.43
        'Wikimedia\Stats\StatsFactory' => 'StatsFactory',
    ];

    /**
     * @param callable(string):object $service Gives a service by its name
     * @param object[] $given By type: instead of the service
     * @return array Throws LogicException when a type is not known here
     */
    public static function of(string $class, callable $service, array $given = []): array
    {
        $arguments = [];
        foreach ((new ReflectionClass($class))->getConstructor()?->getParameters() ?? [] as $parameter) {
            $type = self::typeOf($parameter);
            if (isset($given[$type])) {
                $arguments[] = $given[$type];
            } elseif (isset(self::SERVICES[$type])) {
                $arguments[] = $service(self::SERVICES[$type]);
            } elseif ($parameter->isOptional()) {
                break; // the rest has defaults
            } else {
                throw new LogicException(
                    "the constructor of $class wants {$parameter->getName()} of the type \"$type\""
                );
            }
        }
        return $arguments;
    }

    private static function typeOf(ReflectionParameter $parameter): string
    {
        $type = $parameter->getType();
        return $type instanceof ReflectionNamedType ? $type->getName() : (string)$type;
    }
}
