<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Every service of the extension, with all that it needs.

declare(strict_types=1);

use MediaWiki\Extension\ConstraintRunner\Client\NoRunner;
use MediaWiki\Extension\ConstraintRunner\Client\Rest;
use MediaWiki\Extension\ConstraintRunner\Client\RunnerClient;
use MediaWiki\Extension\ConstraintRunner\Client\SocketRunnerClient;
use MediaWiki\Extension\ConstraintRunner\Client\UnixHttp;
use MediaWiki\Extension\ConstraintRunner\HandOver\HandOver;
use MediaWiki\Extension\ConstraintRunner\HandOver\PageJobs;
use MediaWiki\Logger\LoggerFactory;
use MediaWiki\MediaWikiServices;
use MediaWiki\WikiMap\WikiMap;

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
            return new NoRunner();
        }
        return new SocketRunnerClient(
            new UnixHttp($socket, (float)$config->get('ConstraintRunnerConnectTimeout')),
            new Rest(
                $services->getLocalServerObjectCache(),
                $socket,
                (int)$config->get('ConstraintRunnerRetrySeconds')
            ),
            $services->getService('ConstraintRunner.Wiki')->id,
            $services->getService('ConstraintRunner.Logger')
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
];
