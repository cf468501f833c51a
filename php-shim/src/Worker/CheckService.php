<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Checks an entity with WBQC itself, for a runner that does not know a constraint type or wants to
// compare. Nothing is stored: that is for the runner to do.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Worker;

use MediaWiki\Extension\ConstraintRunner\Results\WbqcCheck;
use RuntimeException;
use Wikibase\DataModel\Entity\EntityIdParser;
use Wikibase\DataModel\Entity\EntityIdParsingException;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\CheckResult;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\CheckResultSerializer;

class CheckService
{
    private const ATTEMPTS = 3;

    public function __construct(
        private readonly EntityIdParser $idParser,
        private readonly EntityService $entities,
        private readonly WbqcCheck $check,
        private readonly CheckResultSerializer $serializer
    ) {
    }

    public function answer(array $request): array
    {
        $text = $request['entity'] ?? null;
        if (!is_string($text)) {
            throw new BadRequest('"entity" must be an entity ID');
        }
        try {
            $id = $this->idParser->parse($text);
        } catch (EntityIdParsingException) {
            return ['id' => $text, 'state' => 'missing'];
        }
        $constraints = $request['constraints'] ?? null;
        if ($constraints !== null && !is_array($constraints)) {
            throw new BadRequest('"constraints" must be a list of constraint IDs');
        }
        for ($attempt = 1; $attempt <= self::ATTEMPTS; $attempt++) {
            $found = $this->entities->look($id);
            if ($found['state'] !== 'found') {
                return $found;
            }
            [$results, $encoded] = $this->check->check($id, $constraints);
            if ($encoded !== null && $encoded->revision === $found['revision']) {
                return $found + [
                    'duration_us' => $encoded->durationUs,
                    'counts' => (object)$encoded->counts,
                    'violations' => $encoded->violations,
                    'value' => $encoded->value,
                    'results' => array_map(
                        fn (CheckResult $result) => $this->serializer->serialize($result),
                        $results->getArray()
                    ),
                ];
            }
        }
        throw new RuntimeException("$text is edited all the time");
    }
}
