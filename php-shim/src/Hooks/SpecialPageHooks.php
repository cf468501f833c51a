<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Replaces WBQC's Special:ConstraintReport by ours if there is a store to read from.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Hooks;

use MediaWiki\Config\Config;
use MediaWiki\Extension\ConstraintRunner\Special\ConstraintReportFactory;
use MediaWiki\SpecialPage\Hook\SpecialPage_initListHook;
use Wikimedia\ObjectFactory\ObjectFactory;

// phpcs:ignore Squiz.Classes.ValidClassName
final class SpecialPageHooks implements SpecialPage_initListHook
{
    public function __construct(
        private readonly Config $config,
        private readonly ObjectFactory $objectFactory
    ) {
    }

    /** @inheritDoc */
    // phpcs:ignore PSR1.Methods.CamelCapsMethodName.NotCamelCaps
    public function onSpecialPage_initList(&$list)
    {
        if (
            !isset($list['ConstraintReport'])
            || $this->config->get('ConstraintRunnerDatabase') === null
        ) {
            return;
        }
        $wbqc = $list['ConstraintReport'];
        $newWbqcPage = fn () => $this->objectFactory->createObject(
            $wbqc,
            ['allowClassName' => true, 'allowCallable' => true]
        );
        $list['ConstraintReport'] = [
            'factory' => static fn (ConstraintReportFactory $factory) => $factory->newPage($newWbqcPage),
            'services' => ['ConstraintRunner.ConstraintReportFactory'],
        ];
    }
}
