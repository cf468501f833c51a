<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Violations as sentences with their arguments: the message of the stored result in the reader's
// language, as WBQC renders it. Where the wiki can't (it has no such message, the result is of another
// version), the runner's short English sentence; so too of what the runner's own checks found.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Results;

use MediaWiki\Context\IContextSource;
use MediaWiki\Extension\ConstraintRunner\Client\RunnerClient;
use MediaWiki\Extension\ConstraintRunner\Store\Results;
use MediaWiki\Parser\Sanitizer;
use Throwable;
use Wikibase\Lib\LanguageFallbackChainFactory;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Message\ViolationMessageRenderer;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Message\ViolationMessageRendererFactory;
use WikibaseQuality\ConstraintReport\ConstraintCheck\Result\CheckResultDeserializer;

class Sentences
{
    private const AT_ONCE = 50; // values of large entities are megabytes
    private const MOST_ASKED = 10; // entities of which the runner is asked for a page

    public function __construct(
        private readonly Results $results,
        private readonly CheckResultDeserializer $deserializer,
        private readonly ViolationMessageRendererFactory $renderers,
        private readonly LanguageFallbackChainFactory $fallbackChains,
        private readonly RunnerClient $client
    ) {
    }

    /**
     * @param array[] $rows Of ViolationPage
     * @param IContextSource $context In its language
     * @return array[] The same, each with `sentence`: HTML, or null where there is none
     */
    public function inHtml(array $rows, IContextSource $context): array
    {
        $language = $context->getLanguage();
        $renderer = $this->renderers->getViolationMessageRenderer(
            $language,
            $this->fallbackChains->newFromLanguage($language),
            $context
        );
        $found = [];
        $wanted = [];
        foreach ($rows as $row) {
            $wanted[$row['entity']][self::key($row['statement'], $row['constraint'])] = true;
        }
        foreach (array_chunk(array_keys($wanted), self::AT_ONCE) as $entities) {
            $entities = array_map('strval', $entities);
            foreach ($this->results->read($entities) ?? [] as $entity => $stored) {
                $found += $this->rendered($stored->value['results'], $wanted[$entity], $renderer, $context);
            }
        }
        $found += $this->own($rows);
        $found += $this->ofRunner($wanted, $found);
        return array_map(static fn (array $row) => $row + [
            'sentence' => $found[self::key($row['statement'], $row['constraint'])] ?? null,
        ], $rows);
    }

    /**
     * @param array[] $rows As above
     * @return array[] Each with `sentence` in plain text; the key where there is none
     */
    public function inText(array $rows, IContextSource $context): array
    {
        return array_map(static function (array $row): array {
            // items of a list have no space between them
            $html = str_replace('</li>', '</li> ', (string)$row['sentence']);
            $row['sentence'] = $html === '' ? $row['message'] : trim(Sanitizer::stripAllTags($html));
            return $row;
        }, $this->inHtml($rows, $context));
    }

    private static function key(string $statement, string $constraint): string
    {
        return "$statement\n$constraint";
    }

    /**
     * @param array[] $results Serialized, the gravest first
     * @param bool[] $wanted By key
     * @return string[] By key
     */
    private function rendered(
        array $results,
        array $wanted,
        ViolationMessageRenderer $renderer,
        IContextSource $context
    ): array {
        $found = [];
        foreach ($results as $result) {
            $key = self::key($result['|']['g'] ?? '', $result['c']['id'] ?? '');
            if (!isset($wanted[$key], $result['m']) || isset($found[$key])) {
                continue;
            }
            try {
                $message = $this->deserializer->deserialize($result)->getMessage();
                if ($message !== null && $context->msg($message->getMessageKey())->exists()) {
                    $found[$key] = $renderer->render($message);
                }
            } catch (Throwable) { // written by another version
            }
        }
        return $found;
    }

    /**
     * @param array[] $rows As above
     * @return string[] HTML by key, of those that the runner's own checks found
     */
    private function own(array $rows): array
    {
        $own = array_filter($rows, static fn (array $row) => isset($row['own']));
        $entities = array_map('strval', array_values(array_unique(array_column($own, 'entity'))));
        $found = [];
        foreach (array_chunk($entities, self::AT_ONCE) as $some) {
            foreach ($this->results->ownSentences($some) as $told) {
                $key = self::key($told['statement'], $told['constraint']);
                $found[$key] ??= htmlspecialchars($told['sentence']);
            }
        }
        return $found;
    }

    /**
     * @param array<string,bool[]> $wanted Keys by entity
     * @param string[] $found By key
     * @return string[] HTML by key, of those that were not found
     */
    private function ofRunner(array $wanted, array $found): array
    {
        $lacking = array_filter($wanted, static fn (array $keys) => array_diff_key($keys, $found) !== []);
        $sentences = [];
        foreach (array_slice(array_keys($lacking), 0, self::MOST_ASKED) as $entity) {
            $answer = $this->client->violations((string)$entity);
            foreach ($answer->isOk() ? $answer->body['violations'] ?? [] : [] as $row) {
                $key = self::key($row['statement'], $row['constraint']);
                $sentences[$key] = htmlspecialchars($row['sentence']);
            }
            if (!$answer->isOk()) {
                break;
            }
        }
        return $sentences;
    }
}
