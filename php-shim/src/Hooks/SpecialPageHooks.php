<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Puts our Special:ConstraintReport in the place of WBQC's where there is a store to read from.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Hooks;

use MediaWiki\Config\Config;
use MediaWiki\Extension\ConstraintRunner\Special\ConstraintReport;
use MediaWiki\SpecialPage\Hook\SpecialPage_initListHook;

// phpcs:ignore Squiz.Classes.ValidClassName
final class SpecialPageHooks implements SpecialPage_initListHook
{
    public function __construct(private readonly Config $config)
    {
    }

    /** @inheritDoc */
    // phpcs:ignore PSR1.Methods.CamelCapsMethodName.NotCamelCaps
    public function onSpecialPage_initList(&$list)
    {
        if (
            isset($list['ConstraintReport'])
            && $this->config->get('ConstraintRunnerDatabase') !== null
        ) {
            $list['ConstraintReport'] = [
                'class' => ConstraintReport::class,
                'services' => ConstraintReport::SERVICES,
            ];
        }
    }
}
