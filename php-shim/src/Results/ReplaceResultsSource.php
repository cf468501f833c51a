<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Replaces WBQC's results service by StoredResultsSource, where possible.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use MediaWiki\MediaWikiServices;
use WikibaseQuality\ConstraintReport\Api\CheckingResultsSource;
use WikibaseQuality\ConstraintReport\Api\ResultsCache;
use WikibaseQuality\ConstraintReport\Api\ResultsSource;

final class ReplaceResultsSource
{
    public const SERVICE = 'WBQC_ResultsSource';

    /** A service manipulator. */
    public static function with(ResultsSource $wbqc, MediaWikiServices $services): ResultsSource
    {
        $config = $services->getMainConfig();
        $off = $config->get('ConstraintRunnerSocket') === ''
            && $config->get('ConstraintRunnerDatabase') === null;
        return $off || !self::isLocal($services) ? $wbqc : self::make($wbqc, $services);
    }

    private static function make(ResultsSource $wbqc, MediaWikiServices $services): ResultsSource
    {
        $config = $services->getMainConfig();
        $idParser = $services->getService('WikibaseRepo.EntityIdParser');
        return new StoredResultsSource(
            $wbqc,
            $services->getService('ConstraintRunner.EntityReports'),
            $services->getService('ConstraintRunner.ReaderJobs'),
            $idParser,
            [
                new CheckingResultsSource($services->getService('WBQC_DelegatingConstraintChecker')),
                ResultsCache::getDefaultInstance(),
                $services->getService('WBQC_CheckResultSerializer'),
                $services->getService('WBQC_CheckResultDeserializer'),
                $services->getService('WikibaseRepo.LocalRepoWikiPageMetaDataAccessor'),
                $idParser,
                $config->get('WBQualityConstraintsCacheCheckConstraintsTTLSeconds'),
                [],
                $config->get('WBQualityConstraintsCacheCheckConstraintsMaximumRevisionIds'),
                $services->getService('WBQC_LoggingHelper'),
            ]
        );
    }

    /** As WBQC's own wiring asks before it caches: all entities must be this wiki's. */
    private static function isLocal(MediaWikiServices $services): bool
    {
        $local = $services->getService('WikibaseRepo.LocalEntitySource')->getSourceName();
        $sources = $services->getService('WikibaseRepo.EntitySourceDefinitions')->getSources();
        foreach ($sources as $source) {
            if ($source->getSourceName() !== $local) {
                return false;
            }
        }
        return true;
    }
}
