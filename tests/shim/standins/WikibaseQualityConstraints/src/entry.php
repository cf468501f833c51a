<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Stand-ins for where WBQC is entered: its API module, its job and its special page.

declare(strict_types=1);

namespace WikibaseQuality\ConstraintReport\Api {
    use MediaWiki\Api\ApiBase;
    use MediaWiki\Api\ApiMain;
    use Wikibase\DataModel\Entity\EntityIdParser;
    use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\NullResult;

    class StandinCheckConstraints extends ApiBase
    {
        public function __construct(
            ApiMain $main,
            string $name,
            private readonly ResultsSource $source,
            private readonly EntityIdParser $parser
        ) {
            parent::__construct($main, $name);
        }

        public function execute()
        {
            $params = $this->extractRequestParams();
            $found = $this->source->getResults(
                $params['id'] === null ? [] : [$this->parser->parse($params['id'])],
                $params['claimid'] === null ? [] : [$params['claimid']],
                $params['constraintid'] === null ? null : [$params['constraintid']],
                CachingResultsSource::CACHED_STATUSES
            );
            $results = [];
            foreach ($found->getArray() as $result) {
                $results[] = $result instanceof NullResult ? 'null' : $result->getStatus() . ' '
                    . $result->getConstraint()->getConstraintId() . ' '
                    . $result->getMessage()?->getMessageKey();
            }
            $this->getResult()->addValue(null, 'results', $results);
            $cached = $found->getMetadata()->getCachingMetadata()->isCached();
            $this->getResult()->addValue(null, 'cached', $cached);
        }

        public function getAllowedParams()
        {
            return array_fill_keys(['id', 'claimid', 'constraintid'], ['type' => 'string']);
        }
    }
}

namespace WikibaseQuality\ConstraintReport\Job {
    use Job;
    use Wikibase\DataModel\Entity\EntityIdParser;
    use WikibaseQuality\ConstraintReport\Api\CachingResultsSource;

    class CheckConstraintsJob extends Job
    {
        public function __construct(
            array $params,
            private readonly CachingResultsSource $source,
            private readonly EntityIdParser $parser
        ) {
            parent::__construct('constraintsRunCheck', $params);
        }

        public function run()
        {
            $this->source->getResults([$this->parser->parse($this->params['entityId'])], [], null, []);
            return true;
        }
    }
}

namespace WikibaseQuality\ConstraintReport\Specials {
    use MediaWiki\SpecialPage\SpecialPage;
    use Wikibase\DataModel\Entity\EntityId;

    class SpecialConstraintReport extends SpecialPage
    {
        private readonly array $services;

        public function __construct(...$services)
        {
            parent::__construct('ConstraintReport');
            $this->services = $services;
        }

        public function execute($subPage)
        {
            $this->setHeaders();
            if (!$subPage) {
                return;
            }
            $id = $this->services[4]->parse($subPage);
            if (!$this->services[0]->hasEntity($id)) {
                return;
            }
            $results = $this->services[6]->checkAgainstConstraintsOnEntityId($id);
            $html = $this->buildResultHeader($id) . $this->buildSummary($results);
            foreach ($results as $result) {
                $html .= '<p class="standin-row">' . htmlspecialchars($result->getStatus()) . '</p>';
            }
            $this->getOutput()->addHTML($html);
        }

        protected function buildResultHeader(EntityId $entityId): string
        {
            return '<h3>' . htmlspecialchars($entityId->getSerialization()) . '</h3>';
        }

        protected function buildSummary(array $results): string
        {
            return '<p>' . count($results) . '</p>';
        }
    }
}
