<?php

// SPDX-License-Identifier: GPL-2.0-or-later

declare(strict_types=1);

use MediaWiki\Config\Config;
use MediaWiki\Extension\ConstraintRunner\Results\CheckRight;
use MediaWiki\Extension\ConstraintRunner\Results\EntityReports;
use MediaWiki\Extension\ConstraintRunner\Results\Recheck;
use MediaWiki\Extension\ConstraintRunner\Special\ConstraintReport;
use MediaWiki\Extension\ConstraintRunner\Special\ConstraintReportFactory;
use MediaWiki\Extension\ConstraintRunner\Special\EscapedLabelFormatterFactory;
use MediaWiki\Language\Language;
use MediaWiki\SpecialPage\SpecialPage;
use PHPUnit\Framework\TestCase;
use Psr\Log\NullLogger;
use Wikibase\DataModel\Entity\EntityId;
use Wikibase\DataModel\Entity\EntityIdParser;
use Wikibase\DataModel\Services\Lookup\EntityLookup;
use Wikibase\Lib\LanguageFallbackChainFactory;
use Wikibase\Lib\Store\EntityTitleLookup;
use Wikibase\Repo\EntityIdLabelFormatterFactory;
use Wikibase\View\EntityIdFormatterFactory;
use WikibaseQuality\ConstraintReport\ConstraintCheck\DelegatingConstraintChecker;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Message\ViolationMessageRendererFactory;
use Wikimedia\Stats\IBufferingStatsdDataFactory;

/**
 * @covers \MediaWiki\Extension\ConstraintRunner\Special\ConstraintReportFactory
 * @covers \MediaWiki\Extension\ConstraintRunner\Special\EscapedLabelFormatterFactory
 */
final class ConstraintReportFactoryTest extends TestCase
{
    private function factory(array $others = []): ConstraintReportFactory
    {
        $services = $others + [
            'MainConfig' => $this->createMock(Config::class),
            'StatsdDataFactory' => $this->createMock(IBufferingStatsdDataFactory::class),
            'WBQC_DelegatingConstraintChecker' => new DelegatingConstraintChecker(),
            'WBQC_EntityLookup' => $this->createMock(EntityLookup::class),
            'WBQC_ViolationMessageRendererFactory' => new ViolationMessageRendererFactory(),
            'WikibaseRepo.EntityIdHtmlLinkFormatterFactory' => $this->createMock(EntityIdFormatterFactory::class),
            'WikibaseRepo.EntityIdLabelFormatterFactory' => new EntityIdLabelFormatterFactory(),
            'WikibaseRepo.EntityIdParser' => new EntityIdParser(),
            'WikibaseRepo.EntityTitleLookup' => $this->createMock(EntityTitleLookup::class),
            'WikibaseRepo.LanguageFallbackChainFactory' => new LanguageFallbackChainFactory(),
        ];
        return new ConstraintReportFactory(
            static fn (string $name): object => $services[$name] ?? throw new LogicException("no $name"),
            $this->createMock(EntityReports::class),
            $services['WikibaseRepo.EntityTitleLookup'],
            $services['WikibaseRepo.EntityIdParser'],
            $this->createMock(Recheck::class),
            $this->createMock(CheckRight::class),
            new NullLogger()
        );
    }

    public function testThePageIsMadeForTheConstructorThatWbqcHas(): void
    {
        $page = $this->factory()->newPage(static fn () => throw new RuntimeException('not needed'));
        $this->assertInstanceOf(ConstraintReport::class, $page);
    }

    public function testWithAConstructorThatIsNotUnderstoodThePageIsWbqcs(): void
    {
        $wbqc = $this->createMock(SpecialPage::class);
        $page = $this->factory(['StatsdDataFactory' => null])->newPage(static fn () => $wbqc);
        $this->assertSame($wbqc, $page);
    }

    public function testLabelsAreEscaped(): void
    {
        $labels = new EscapedLabelFormatterFactory(new EntityIdLabelFormatterFactory());
        $formatter = $labels->getEntityIdFormatter($this->createMock(Language::class));
        $this->assertSame(
            '&lt;script&gt;label of Q5&lt;/script&gt;',
            $formatter->formatEntityId(new EntityId('Q5'))
        );
    }
}
