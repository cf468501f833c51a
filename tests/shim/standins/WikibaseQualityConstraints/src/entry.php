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
            $statuses = $params['status'] === null
                ? CachingResultsSource::CACHED_STATUSES : array_filter(explode('|', $params['status']));
            $found = $this->source->getResults(
                $params['id'] === null ? [] : [$this->parser->parse($params['id'])],
                $params['claimid'] === null ? [] : [$params['claimid']],
                $params['constraintid'] === null ? null : [$params['constraintid']],
                $statuses
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
            return array_fill_keys(['id', 'claimid', 'constraintid', 'status'], ['type' => 'string']);
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
    use MediaWiki\Config\Config;
    use MediaWiki\Html\Html;
    use MediaWiki\MediaWikiServices;
    use MediaWiki\SpecialPage\SpecialPage;
    use Wikibase\DataModel\Entity\EntityId;
    use Wikibase\DataModel\Entity\EntityIdParser;
    use Wikibase\DataModel\Services\Lookup\EntityLookup;
    use Wikibase\Lib\LanguageFallbackChainFactory;
    use Wikibase\Lib\Store\EntityTitleLookup;
    use Wikibase\Repo\EntityIdLabelFormatterFactory;
    use Wikibase\View\EntityIdFormatterFactory;
    use WikibaseQuality\ConstraintReport\ConstraintCheck\DelegatingConstraintChecker;
    use WikibaseQuality\ConstraintReport\ConstraintCheck\Message\ViolationMessageRendererFactory;
    use Wikimedia\Stats\IBufferingStatsdDataFactory;

    class SpecialConstraintReport extends SpecialPage
    {
        public static function newStandin(): self
        {
            $services = MediaWikiServices::getInstance();
            return new self(
                $services->getService('WBQC_EntityLookup'),
                $services->getService('WikibaseRepo.EntityTitleLookup'),
                $services->getService('WikibaseRepo.EntityIdLabelFormatterFactory'),
                $services->getService('WikibaseRepo.EntityIdHtmlLinkFormatterFactory'),
                $services->getService('WikibaseRepo.EntityIdParser'),
                $services->getService('WikibaseRepo.LanguageFallbackChainFactory'),
                $services->getService('WBQC_DelegatingConstraintChecker'),
                $services->getService('WBQC_ViolationMessageRendererFactory'),
                $services->getMainConfig(),
                $services->getStatsdDataFactory()
            );
        }

        public function __construct(
            private readonly EntityLookup $entityLookup,
            EntityTitleLookup $entityTitleLookup,
            private readonly EntityIdLabelFormatterFactory $labelFormatterFactory,
            EntityIdFormatterFactory $linkFormatterFactory,
            private readonly EntityIdParser $parser,
            LanguageFallbackChainFactory $languageFallbackChainFactory,
            private readonly DelegatingConstraintChecker $checker,
            ViolationMessageRendererFactory $messageRendererFactory,
            Config $config,
            IBufferingStatsdDataFactory $stats
        ) {
            parent::__construct('ConstraintReport');
        }

        public function execute($subPage)
        {
            $this->setHeaders();
            if (!$subPage) {
                return;
            }
            $id = $this->parser->parse($subPage);
            if (!$this->entityLookup->hasEntity($id)) {
                return;
            }
            $results = $this->checker->checkAgainstConstraintsOnEntityId($id);
            $html = $this->buildResultHeader($id) . $this->buildSummary($results);
            $labels = $this->labelFormatterFactory->getEntityIdFormatter($this->getLanguage());
            foreach ($results as $result) {
                $html .= '<p class="standin-row">' . htmlspecialchars($result->getStatus()) . '</p>';
                $type = $result->getConstraint()?->getConstraintTypeItemId();
                if ($type !== null) { // the real one takes the label for HTML, too
                    $label = $labels->formatEntityId($this->parser->parse($type));
                    $html .= Html::rawElement('a', [], $label);
                }
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
