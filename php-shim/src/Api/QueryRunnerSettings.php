<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// meta=constraintrunnersettings: the wiki's settings for a runner without access to the wiki's PHP.
// All of it is visible in the entities and results of the wiki.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Api;

use MediaWiki\Api\ApiQuery;
use MediaWiki\Api\ApiQueryBase;
use MediaWiki\Api\ApiResult;
use MediaWiki\Extension\ConstraintRunner\Settings\WikiSettings;

class QueryRunnerSettings extends ApiQueryBase
{
    public function __construct(
        ApiQuery $query,
        string $moduleName,
        private readonly WikiSettings $settings
    ) {
        parent::__construct($query, $moduleName, 'crs');
    }

    /** @inheritDoc */
    public function execute()
    {
        $settings = $this->settings->toArray();
        foreach (['settings', 'ids', 'unit_conversion'] as $map) {
            if (isset($settings[$map])) {
                ApiResult::setArrayType($settings[$map], 'assoc');
            }
        }
        $path = ['query', $this->getModuleName()];
        foreach ($settings as $name => $value) {
            $this->getResult()->addValue($path, $name, $value, ApiResult::NO_SIZE_CHECK);
        }
    }

    /** @inheritDoc */
    public function getCacheMode($params)
    {
        return 'private';
    }

    /** @inheritDoc */
    protected function getExamplesMessages()
    {
        return [
            'action=query&meta=constraintrunnersettings' =>
                'apihelp-query+constraintrunnersettings-example-1',
        ];
    }
}
