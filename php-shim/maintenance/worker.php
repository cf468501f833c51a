<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// A worker of constraint-runner, which starts it (wiki.*.php_command): reads frames of JSON from
// standard input and answers each on standard output, until the input ends. Not for interactive
// use.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Maintenance;

use Closure;
use MediaWiki\Deferred\DeferredUpdates;
use MediaWiki\Extension\ConstraintRunner\Settings\WikiSettings;
use MediaWiki\Extension\ConstraintRunner\Worker\BadRequest;
use MediaWiki\Extension\ConstraintRunner\Worker\CheckService;
use MediaWiki\Extension\ConstraintRunner\Worker\EntityService;
use MediaWiki\Extension\ConstraintRunner\Worker\Frames;
use MediaWiki\MediaWikiServices;
use MediaWiki\Settings\SettingsBuilder;
use Throwable;
use WikibaseQuality\ConstraintReport\ConstraintCheck\DelegatingConstraintChecker;

require_once __DIR__ . '/RunnerMaintenance.php';

class Worker extends RunnerMaintenance
{
    private const PROTOCOL = 'constraint-runner/1';
    private const MEMORY_BOUND = 512 << 20;

    private bool $hasChecked = false;

    public function __construct()
    {
        parent::__construct();
        $this->addDescription('A worker of constraint-runner, which starts it.');
    }

    /**
     * A localisation cache of the workers' own: that of the wiki may be missing, older than
     * LocalSettings.php, or writable for the web server's user alone; then workers would fail until a web
     * request has made it again.
     */
    public function finalSetup(SettingsBuilder $settingsBuilder)
    {
        parent::finalSetup($settingsBuilder);
        $config = $settingsBuilder->getConfig();
        $folder = self::ownFolder((string)$config->get('DBname'));
        $settingsBuilder->overrideConfigValue('LocalisationCacheConf', [
            'store' => $folder === null ? 'db' : 'files',
            'storeClass' => false,
            'storeDirectory' => $folder ?? false,
            'manualRecache' => false,
        ] + $config->get('LocalisationCacheConf'));
    }

    /** In the temporary folder, for this user alone; null: it can't be had. */
    private static function ownFolder(string $wiki): ?string
    {
        $user = function_exists('posix_geteuid') ? posix_geteuid() : getmyuid();
        $folder = sys_get_temp_dir() . "/constraint-runner-$user-"
            . substr(sha1(MW_INSTALL_PATH . "\0$wiki"), 0, 16);
        if (!is_dir($folder)) {
            @mkdir($folder, 0700); // or another worker has made it
        }
        clearstatcache(true, $folder);
        $status = @lstat($folder);
        $isOwn = $status !== false && is_dir($folder) && !is_link($folder)
            && $status['uid'] === $user && ($status['mode'] & 0077) === 0;
        return $isOwn ? $folder : null;
    }

    public function execute()
    {
        if (stream_isatty(STDIN)) {
            $this->fatalError('constraint-runner starts this script (php_command).', self::EX_USAGE);
        }
        // printed text must not mix with the frames
        ini_set('display_errors', 'stderr');
        ob_start(static function (string $text): string {
            fwrite(STDERR, $text);
            return '';
        }, 1);
        $frames = new Frames(STDIN, STDOUT);
        $frames->write(0, [
            'worker' => self::PROTOCOL,
            'wiki' => $this->wiki(),
            'wbqc' => WikiSettings::wbqcVersion(),
            'types' => self::constraintTypes(
                MediaWikiServices::getInstance()->getService('WBQC_DelegatingConstraintChecker')
            ),
        ]);
        while (($frame = $frames->read()) !== null) {
            $answer = $this->answer($frame[1]);
            try {
                $frames->write($frame[0], $answer);
            } catch (\JsonException $error) {
                $frames->write($frame[0], self::failure('failed', $error->getMessage()));
            }
            $this->forget();
            if (memory_get_usage() > $this->memoryBound()) {
                return; // the runner starts another one
            }
        }
    }

    /** WBQC leaks memory with each check; exit well below the limit. */
    private function memoryBound(): float
    {
        $limit = wfShorthandToInteger((string)ini_get('memory_limit'));
        return $limit > 0 ? $limit * 0.6 : self::MEMORY_BOUND;
    }

    private function answer(string $text): array
    {
        try {
            $request = json_decode($text, true);
            $services = MediaWikiServices::getInstance();
            switch ($request['service'] ?? null) {
                case 'ping':
                    return ['pong' => true];
                case 'settings':
                    /** @var WikiSettings $settings */
                    $settings = $services->getService('ConstraintRunner.WikiSettings');
                    return self::asJson($settings->toArray());
                case 'entities':
                    /** @var EntityService $entities */
                    $entities = $services->getService('ConstraintRunner.EntityService');
                    return $entities->answer($request);
                case 'check':
                    $this->hasChecked = true;
                    /** @var CheckService $check */
                    $check = $services->getService('ConstraintRunner.CheckService');
                    return $check->answer($request);
            }
            throw new BadRequest('"service" must be "ping", "settings", "entities" or "check"');
        } catch (BadRequest $error) {
            return self::failure('bad_request', $error->getMessage());
        } catch (Throwable $error) {
            fwrite(STDERR, get_class($error) . ": {$error->getMessage()} in {$error->getFile()}:"
                . "{$error->getLine()}\n");
            return self::failure('failed', get_class($error) . ': ' . $error->getMessage());
        }
    }

    /**
     * The next request must see the wiki as it is then: Wikibase and WBQC keep entities, constraints
     * and revisions in their services, made for one request of the web.
     */
    private function forget(): void
    {
        DeferredUpdates::doUpdates();
        $services = MediaWikiServices::getInstance();
        if ($this->hasChecked) { // 50 ms, while the runner is busy with the answer
            MediaWikiServices::resetGlobalInstance();
            $this->hasChecked = false;
        } else { // entities are read past the caches
            $services->getLinkCache()->clear();
            $services->getDBLoadBalancerFactory()->flushReplicaSnapshots(__METHOD__);
        }
    }

    /** @return string[]|null Those that WBQC has a checker for; null: unknown */
    private static function constraintTypes(DelegatingConstraintChecker $checker): ?array
    {
        $types = Closure::bind(
            static fn () => isset($checker->checkerMap) ? array_keys($checker->checkerMap) : null,
            null,
            $checker
        )();
        return $types === null ? null : array_map('strval', $types);
    }

    /** Objects stay objects when they are empty. */
    private static function asJson(array $settings): array
    {
        $settings['ids'] = (object)$settings['ids'];
        return $settings;
    }

    private static function failure(string $code, string $message): array
    {
        return ['error' => ['code' => $code, 'message' => $message]];
    }
}

return Worker::class;
