<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// What must happen before there are services, or before they are used.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Hooks;

use MediaWiki\Extension\ConstraintRunner\HandOver\HandOverJob;
use MediaWiki\Extension\ConstraintRunner\HandOver\WbqcJob;
use MediaWiki\Extension\ConstraintRunner\Results\ReplaceResultsSource;
use MediaWiki\MediaWikiServices;

final class Registration
{
    public static function onRegistration(): void
    {
        // one work item a second: see HandOverJob::workItemCount()
        $GLOBALS['wgJobBackoffThrottling'][HandOverJob::TYPE] ??= 1;
    }

    public static function onMediaWikiServices(MediaWikiServices $services): void
    {
        if ($services->hasService(ReplaceResultsSource::SERVICE)) {
            $services->addServiceManipulator(
                ReplaceResultsSource::SERVICE,
                ReplaceResultsSource::with(...)
            );
        }
        // not in extension.json: whose class of two extensions counts depends on their order there
        if (isset($GLOBALS['wgJobClasses'][WbqcJob::TYPE]) && $GLOBALS['wgConstraintRunnerSocket'] !== '') {
            $GLOBALS['wgJobClasses'][WbqcJob::TYPE] = [
                'class' => WbqcJob::class,
                'services' => ['ConstraintRunner.HandOver'],
                'needsPage' => false,
            ];
        }
    }
}
