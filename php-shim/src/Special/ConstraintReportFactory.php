<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Creates our Special:ConstraintReport for any known constructor of WBQC's page; for an unknown
// one, WBQC's own page.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Special;

use Closure;
use LogicException;
use MediaWiki\Extension\ConstraintRunner\Results\CheckRight;
use MediaWiki\Extension\ConstraintRunner\Results\EntityReports;
use MediaWiki\Extension\ConstraintRunner\Results\Recheck;
use MediaWiki\SpecialPage\SpecialPage;
use Psr\Log\LoggerInterface;
use Wikibase\DataModel\Entity\EntityIdParser;
use Wikibase\Lib\Store\EntityTitleLookup;
use Wikibase\Repo\EntityIdLabelFormatterFactory;
use WikibaseQuality\ConstraintReport\ConstraintCheck\DelegatingConstraintChecker;
use WikibaseQuality\ConstraintReport\Specials\SpecialConstraintReport;

class ConstraintReportFactory
{
    /** @param Closure(string):object $service Gives a service by its name */
    public function __construct(
        private readonly Closure $service,
        private readonly EntityReports $reports,
        private readonly EntityTitleLookup $titleLookup,
        private readonly EntityIdParser $idParser,
        private readonly Recheck $recheck,
        private readonly CheckRight $checkRight,
        private readonly LoggerInterface $logger
    ) {
    }

    /** @param callable():SpecialPage $wbqc Makes WBQC's own page */
    public function newPage(callable $wbqc): SpecialPage
    {
        $checker = new StoredChecker(
            ($this->service)('WBQC_DelegatingConstraintChecker'),
            $this->reports
        );
        $labels = new EscapedLabelFormatterFactory(
            ($this->service)('WikibaseRepo.EntityIdLabelFormatterFactory')
        );
        try {
            $arguments = ParentServices::of(SpecialConstraintReport::class, $this->service, [
                DelegatingConstraintChecker::class => $checker,
                EntityIdLabelFormatterFactory::class => $labels,
            ]);
        } catch (LogicException $error) {
            $this->logger->error(
                'Special:ConstraintReport is WBQC\'s own: {problem}',
                ['problem' => $error->getMessage()]
            );
            return $wbqc();
        }
        return new ConstraintReport(
            $arguments,
            $checker,
            $this->titleLookup,
            $this->idParser,
            $this->recheck,
            $this->checkRight
        );
    }
}
