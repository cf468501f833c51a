<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// list=constraintviolations: the work list for programs, with continuation.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Api;

use MediaWiki\Api\ApiBase;
use MediaWiki\Api\ApiQuery;
use MediaWiki\Api\ApiQueryBase;
use MediaWiki\Extension\ConstraintRunner\Results\Readable;
use MediaWiki\Extension\ConstraintRunner\Results\Sentences;
use MediaWiki\Extension\ConstraintRunner\Store\ViolationFilter;
use MediaWiki\Extension\ConstraintRunner\Store\Violations;
use Wikimedia\ParamValidator\ParamValidator;
use Wikimedia\ParamValidator\TypeDef\IntegerDef;

class QueryConstraintViolations extends ApiQueryBase
{
    public function __construct(
        ApiQuery $query,
        string $moduleName,
        private readonly Violations $violations,
        private readonly Readable $readable,
        private readonly Sentences $sentences
    ) {
        parent::__construct($query, $moduleName, 'cv');
    }

    /** @inheritDoc */
    public function execute()
    {
        $params = $this->extractRequestParams();
        $filter = ViolationFilter::of(
            $params['entity'] ?? '',
            $params['property'] ?? '',
            $params['type'] ?? '',
            $params['status'] ?? '',
            $params['class'] ?? '',
            $params['direct']
        );
        foreach ($filter->problems as $field) {
            $this->dieWithError(["constraintviolations-problem-$field"], "bad-$field");
        }
        $after = $params['continue'];
        $this->dieContinueUsageIf($after !== null && !Violations::isCursor($after));
        $page = $this->violations->page($filter, $after, $params['limit']);
        if ($page === null) {
            $this->dieWithError('constraintviolations-away', 'constraintviolations-away', null, 503);
        }
        $result = $this->getResult();
        $path = ['query', $this->getModuleName()];
        $previous = $after;
        $rows = $this->readable->rows($page->rows, $this->getAuthority());
        foreach ($params['sentences'] ? $this->sentences->inText($rows, $this) : $rows as $row) {
            $row['checked'] = $row['checked_at'];
            unset($row['checked_at']);
            if (!$result->addValue($path, null, $row)) {
                // the answer is full: continue with this row
                $this->setContinueEnumParameter('continue', $previous);
                $page = null;
                break;
            }
            $previous = "{$row['entity']}|{$row['statement']}|{$row['constraint']}";
        }
        if ($page?->next !== null) {
            $this->setContinueEnumParameter('continue', $page->next);
        }
        $result->addIndexedTagName($path, 'violation');
    }

    /** @inheritDoc */
    public function getAllowedParams()
    {
        return [
            'entity' => [ParamValidator::PARAM_TYPE => 'string'],
            'property' => [ParamValidator::PARAM_TYPE => 'string'],
            'type' => [ParamValidator::PARAM_TYPE => 'string'],
            'status' => [ParamValidator::PARAM_TYPE => ViolationFilter::STATUSES],
            'class' => [ParamValidator::PARAM_TYPE => 'string'],
            'direct' => [ParamValidator::PARAM_TYPE => 'boolean'],
            'sentences' => [ParamValidator::PARAM_TYPE => 'boolean'],
            'limit' => [
                ParamValidator::PARAM_TYPE => 'limit',
                ParamValidator::PARAM_DEFAULT => 10,
                IntegerDef::PARAM_MIN => 1,
                IntegerDef::PARAM_MAX => ApiBase::LIMIT_BIG1,
                IntegerDef::PARAM_MAX2 => ApiBase::LIMIT_BIG2,
            ],
            'continue' => [ApiBase::PARAM_HELP_MSG => 'api-help-param-continue'],
        ];
    }

    /** @inheritDoc */
    protected function getExamplesMessages()
    {
        return [
            'action=query&list=constraintviolations&cvproperty=P31&cvstatus=violation'
                => 'apihelp-query+constraintviolations-example-1',
        ];
    }
}
