<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// All services of the extension, with their dependencies.

declare(strict_types=1);

use MediaWiki\Extension\ConstraintRunner\Client\NullRunnerClient;
use MediaWiki\Extension\ConstraintRunner\Client\Rest;
use MediaWiki\Extension\ConstraintRunner\Client\RunnerClient;
use MediaWiki\Extension\ConstraintRunner\Client\SocketRunnerClient;
use MediaWiki\Extension\ConstraintRunner\Client\UnixHttp;
use MediaWiki\Extension\ConstraintRunner\HandOver\HandOver;
use MediaWiki\Extension\ConstraintRunner\HandOver\PageJobs;
use MediaWiki\Extension\ConstraintRunner\Results\CheckRight;
use MediaWiki\Extension\ConstraintRunner\Results\EntityReports;
use MediaWiki\Extension\ConstraintRunner\Results\Freshness;
use MediaWiki\Extension\ConstraintRunner\Results\FreshResults;
use MediaWiki\Extension\ConstraintRunner\Results\Links;
use MediaWiki\Extension\ConstraintRunner\Results\Readable;
use MediaWiki\Extension\ConstraintRunner\Results\ReaderJobs;
use MediaWiki\Extension\ConstraintRunner\Results\Recheck;
use MediaWiki\Extension\ConstraintRunner\Results\ResultDecoder;
use MediaWiki\Extension\ConstraintRunner\Results\ResultEncoder;
use MediaWiki\Extension\ConstraintRunner\Results\Sentences;
use MediaWiki\Extension\ConstraintRunner\Results\WbqcCheck;
use MediaWiki\Extension\ConstraintRunner\Settings\WikiSettings;
use MediaWiki\Extension\ConstraintRunner\Special\ConstraintReportFactory;
use MediaWiki\Extension\ConstraintRunner\Special\Export;
use MediaWiki\Extension\ConstraintRunner\Special\ViolationTableFactory;
use MediaWiki\Extension\ConstraintRunner\Store\Postgres;
use MediaWiki\Extension\ConstraintRunner\Store\Results;
use MediaWiki\Extension\ConstraintRunner\Store\Upkeep;
use MediaWiki\Extension\ConstraintRunner\Store\Violations;
use MediaWiki\Extension\ConstraintRunner\Worker\CheckService;
use MediaWiki\Extension\ConstraintRunner\Worker\EntityService;
use MediaWiki\Logger\LoggerFactory;
use MediaWiki\MediaWikiServices;
use MediaWiki\WikiMap\WikiMap;
use WikibaseQuality\ConstraintReport\Api\CheckingResultsSource;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Helper\TimeValueComparer;

return [
    'ConstraintRunner.Wiki' => static fn (MediaWikiServices $services): object =>
        (object)['id' => (string)($services->getMainConfig()->get('ConstraintRunnerWiki')
            ?? WikiMap::getCurrentWikiId())],

    'ConstraintRunner.Logger' => static fn (): object =>
        LoggerFactory::getInstance('ConstraintRunner'),

    'ConstraintRunner.Client' => static function (MediaWikiServices $services): RunnerClient {
        $config = $services->getMainConfig();
        $socket = (string)$config->get('ConstraintRunnerSocket');
        if ($socket === '') {
            return new NullRunnerClient();
        }
        return new SocketRunnerClient(
            new UnixHttp($socket, (float)$config->get('ConstraintRunnerConnectTimeout')),
            new Rest(
                $services->getLocalServerObjectCache(),
                $socket,
                (int)$config->get('ConstraintRunnerRetrySeconds')
            ),
            $services->getService('ConstraintRunner.Wiki')->id,
            $services->getService('ConstraintRunner.Logger'),
            SocketRunnerClient::isPatient()
        );
    },

    'ConstraintRunner.HandOver' => static fn (MediaWikiServices $services): HandOver => new HandOver(
        $services->getService('ConstraintRunner.Client'),
        $services->getJobQueueGroup(),
        $services->getService('ConstraintRunner.Logger')
    ),

    'ConstraintRunner.PageJobs' => static fn (MediaWikiServices $services): PageJobs => new PageJobs(
        $services->getService('WikibaseRepo.EntityContentFactory'),
        $services->getService('WikibaseRepo.AllTypesEntitySerializer'),
        (int)$services->getMainConfig()->get('ConstraintRunnerDocumentMaxBytes'),
        $services->getService('ConstraintRunner.Logger')
    ),

    'ConstraintRunner.Postgres' => static function (MediaWikiServices $services): Postgres {
        $config = $services->getMainConfig();
        $settings = $config->get('ConstraintRunnerDatabase');
        return new Postgres(
            $services->getDatabaseFactory(),
            $settings,
            new Rest(
                $services->getLocalServerObjectCache(),
                'postgres-' . ($settings['host'] ?? '') . '-' . ($settings['port'] ?? ''),
                (int)$config->get('ConstraintRunnerRetrySeconds')
            ),
            $services->getService('ConstraintRunner.Logger')
        );
    },

    'ConstraintRunner.Results' => static fn (MediaWikiServices $services): Results => new Results(
        $services->getService('ConstraintRunner.Postgres'),
        $services->getService('ConstraintRunner.Wiki')->id
    ),

    'ConstraintRunner.Freshness' => static fn (MediaWikiServices $services): Freshness =>
        new Freshness(
            $services->getService('WikibaseRepo.LocalRepoWikiPageMetaDataAccessor'),
            $services->getService('WikibaseRepo.EntityIdParser'),
            new TimeValueComparer()
        ),

    'ConstraintRunner.FreshResults' => static fn (MediaWikiServices $services): FreshResults =>
        new FreshResults(
            $services->getService('ConstraintRunner.Results'),
            $services->getService('ConstraintRunner.Freshness')
        ),

    'ConstraintRunner.ResultDecoder' => static function (MediaWikiServices $services): ResultDecoder {
        $config = $services->getMainConfig();
        return new ResultDecoder(
            $services->getService('WBQC_CheckResultDeserializer'),
            $services->getService('WikibaseRepo.EntityIdParser'),
            [ // the same as in WBQC's own wiring
                $config->get('WBQualityConstraintsCommonsLinkConstraintId'),
                $config->get('WBQualityConstraintsTypeConstraintId'),
                $config->get('WBQualityConstraintsValueTypeConstraintId'),
                $config->get('WBQualityConstraintsDistinctValuesConstraintId'),
            ]
        );
    },

    'ConstraintRunner.WbqcCheck' => static fn (MediaWikiServices $services): WbqcCheck => new WbqcCheck(
        new CheckingResultsSource($services->getService('WBQC_DelegatingConstraintChecker')),
        new ResultEncoder($services->getService('WBQC_CheckResultSerializer')),
        $services->getService('ConstraintRunner.Freshness'),
        new Links($services->getService('WBQC_EntityLookup'))
    ),

    'ConstraintRunner.ReaderJobs' => static fn (MediaWikiServices $services): ReaderJobs =>
        new ReaderJobs(
            $services->getService('ConstraintRunner.HandOver'),
            $services->getService('ConstraintRunner.FreshResults')
        ),

    'ConstraintRunner.WikiSettings' => static fn (MediaWikiServices $services): WikiSettings =>
        new WikiSettings(
            $services->getService('ConstraintRunner.Wiki')->id,
            $services->getMainConfig(),
            $services->getService('WikibaseRepo.LocalEntitySource'),
            $services->getService('WikibaseRepo.Settings'),
            $services->getObjectFactory(),
            $services->getService('WikibaseRepo.TermsLanguages')->getLanguages()
        ),

    'ConstraintRunner.EntityService' => static fn (MediaWikiServices $services): EntityService =>
        new EntityService(
            $services->getService('WikibaseRepo.EntityIdParser'),
            $services->getService('WikibaseRepo.EntityTitleLookup'),
            $services->getRevisionLookup(),
            $services->getService('WikibaseRepo.EntityContentFactory'),
            $services->getService('WikibaseRepo.AllTypesEntitySerializer')
        ),

    'ConstraintRunner.CheckService' => static fn (MediaWikiServices $services): CheckService =>
        new CheckService(
            $services->getService('WikibaseRepo.EntityIdParser'),
            $services->getService('ConstraintRunner.EntityService'),
            $services->getService('ConstraintRunner.WbqcCheck'),
            $services->getService('WBQC_CheckResultSerializer')
        ),

    'ConstraintRunner.EntityReports' => static fn (MediaWikiServices $services): EntityReports =>
        new EntityReports(
            $services->getService('ConstraintRunner.FreshResults'),
            $services->getService('ConstraintRunner.ResultDecoder'),
            $services->getService('ConstraintRunner.Client'),
            new CheckingResultsSource($services->getService('WBQC_DelegatingConstraintChecker')),
            $services->getService('ConstraintRunner.ReaderJobs'),
            (int)$services->getMainConfig()->get('ConstraintRunnerCheckDeadlineMs')
        ),

    'ConstraintRunner.Recheck' => static fn (MediaWikiServices $services): Recheck => new Recheck(
        $services->getService('ConstraintRunner.Results'),
        $services->getService('ConstraintRunner.Freshness'),
        $services->getService('ConstraintRunner.Client'),
        $services->getService('ConstraintRunner.HandOver'),
        (int)$services->getMainConfig()->get('ConstraintRunnerCheckDeadlineMs')
    ),

    'ConstraintRunner.CheckRight' => static fn (MediaWikiServices $services): CheckRight =>
        new CheckRight($services->getPermissionManager()),

    'ConstraintRunner.ConstraintReportFactory' =>
        static fn (MediaWikiServices $services): ConstraintReportFactory => new ConstraintReportFactory(
            $services->getService(...),
            $services->getService('ConstraintRunner.EntityReports'),
            $services->getService('WikibaseRepo.EntityTitleLookup'),
            $services->getService('WikibaseRepo.EntityIdParser'),
            $services->getService('ConstraintRunner.Recheck'),
            $services->getService('ConstraintRunner.CheckRight'),
            $services->getService('ConstraintRunner.Logger')
        ),

    'ConstraintRunner.Upkeep' => static fn (MediaWikiServices $services): Upkeep => new Upkeep(
        $services->getService('ConstraintRunner.Postgres'),
        $services->getService('ConstraintRunner.Wiki')->id
    ),

    'ConstraintRunner.Violations' => static fn (MediaWikiServices $services): Violations =>
        new Violations(
            $services->getService('ConstraintRunner.Postgres'),
            $services->getService('ConstraintRunner.Wiki')->id
        ),

    'ConstraintRunner.Readable' => static fn (MediaWikiServices $services): Readable => new Readable(
        $services->getService('WikibaseRepo.EntityIdParser'),
        $services->getService('WikibaseRepo.EntityTitleLookup')
    ),

    'ConstraintRunner.Export' => static fn (MediaWikiServices $services): Export => new Export(
        $services->getService('ConstraintRunner.Violations'),
        $services->getService('ConstraintRunner.Readable'),
        $services->getService('ConstraintRunner.Sentences')
    ),

    'ConstraintRunner.Sentences' => static fn (MediaWikiServices $services): Sentences => new Sentences(
        $services->getService('ConstraintRunner.Results'),
        $services->getService('WBQC_CheckResultDeserializer'),
        $services->getService('WBQC_ViolationMessageRendererFactory'),
        $services->getService('WikibaseRepo.LanguageFallbackChainFactory'),
        $services->getService('ConstraintRunner.Client')
    ),

    'ConstraintRunner.ViolationTableFactory' =>
        static fn (MediaWikiServices $services): ViolationTableFactory => new ViolationTableFactory(
            $services->getService('WikibaseRepo.EntityIdParser'),
            $services->getService('WikibaseRepo.EntityTitleLookup'),
            $services->getService('WikibaseRepo.EntityIdHtmlLinkFormatterFactory'),
            $services->getService('WikibaseRepo.TermBuffer'),
            $services->getService('WikibaseRepo.LanguageFallbackChainFactory')
        ),
];
