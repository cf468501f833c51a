<?php

// SPDX-License-Identifier: GPL-2.0-or-later

declare(strict_types=1);

use MediaWiki\Extension\ConstraintRunner\Special\ParentServices;
use MediaWiki\Config\Config;
use PHPUnit\Framework\TestCase;
use Wikibase\DataModel\Entity\EntityIdParser;
use Wikimedia\Stats\StatsFactory;

/** @covers \MediaWiki\Extension\ConstraintRunner\Special\ParentServices */
final class ParentServicesTest extends TestCase
{
    private static function service(string $name): object
    {
        return (object)['name' => $name];
    }

    public function testServicesAreChosenByTypeInTheOrderOfTheConstructor(): void
    {
        $class = new class (null, null, null) {
            public function __construct(?StatsFactory $b, ?EntityIdParser $c, ?Config $a, int $more = 5)
            {
            }
        };
        $parser = new EntityIdParser();
        $arguments = ParentServices::of($class::class, self::service(...), [
            EntityIdParser::class => $parser,
        ]);
        $this->assertEquals([self::service('StatsFactory'), $parser, self::service('MainConfig')], $arguments);
    }

    public function testAnUnknownTypeIsNamed(): void
    {
        $class = new class (0) {
            public function __construct(int $howMany)
            {
            }
        };
        $this->expectException(LogicException::class);
        $this->expectExceptionMessage('howMany of the type "int"');
        ParentServices::of($class::class, self::service(...));
    }
}
