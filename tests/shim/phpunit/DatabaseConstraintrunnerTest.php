<?php

// SPDX-License-Identifier: GPL-2.0-or-later

declare(strict_types=1);

use MediaWiki\Extension\ConstraintRunner\Client\Rest;
use MediaWiki\Extension\ConstraintRunner\Store\Postgres;
use MediaWiki\Extension\ConstraintRunner\Store\Results;
use MediaWiki\Extension\ConstraintRunner\Store\Violations;
use MediaWiki\Extension\ConstraintRunner\Store\ViolationFilter;
use MediaWiki\MediaWikiServices;
use PHPUnit\Framework\TestCase;
use Psr\Log\NullLogger;
use Wikimedia\ObjectCache\EmptyBagOStuff;
use Wikimedia\Rdbms\IDatabase;

/**
 * Against the wiki's own PostgreSQL. Two Postgres objects are two requests of one process here.
 * @covers DatabaseConstraintrunner
 * @covers \MediaWiki\Extension\ConstraintRunner\Store\Postgres
 */
final class DatabaseConstraintrunnerTest extends TestCase
{
    private static function postgres(array $settings = []): Postgres
    {
        $services = MediaWikiServices::getInstance();
        return new Postgres(
            $services->getDatabaseFactory(),
            $settings + $services->getMainConfig()->get('ConstraintRunnerDatabase'),
            new Rest(new EmptyBagOStuff(), 'test', 0),
            new NullLogger()
        );
    }

    private static function ask(Postgres $postgres, string $sql): ?string
    {
        return $postgres->try(
            static fn (IDatabase $db) => ((array)$db->query($sql, __METHOD__)->fetchObject())['a']
        );
    }

    private static function backend(Postgres $postgres): ?string
    {
        return self::ask($postgres, 'SELECT pg_backend_pid() AS a');
    }

    public function testTheNextRequestHasTheConnectionOfTheLast(): void
    {
        $backend = self::backend(self::postgres());
        $this->assertNotNull($backend);
        $this->assertSame($backend, self::backend(self::postgres()));
    }

    public function testWithoutPersistenceEachHasItsOwn(): void
    {
        $one = self::postgres(['persistent' => false]);
        $two = self::postgres(['persistent' => false]);
        $this->assertNotNull(self::backend($one));
        $this->assertNotSame(self::backend($one), self::backend($two));
    }

    public function testSettingsOfTheLastRequestAreForgotten(): void
    {
        $last = self::postgres();
        $this->assertSame('10s', self::ask($last, "SELECT current_setting('statement_timeout') AS a"));
        $last->try(static fn (IDatabase $db) => $db->query("SET statement_timeout = '1h'", __METHOD__));
        $this->assertSame(
            '10s',
            self::ask(self::postgres(), "SELECT current_setting('statement_timeout') AS a")
        );
    }

    public function testATransactionThatWasLeftOpenIsUndone(): void
    {
        $last = self::postgres();
        $before = self::backend($last);
        $last->try(static fn (IDatabase $db) => $db->begin(__METHOD__));
        $next = self::postgres();
        $this->assertNotSame($before, self::backend($next), 'the open transaction is gone with it');
        $last->try(static fn (IDatabase $db) => $db->rollback(__METHOD__));
    }

    public function testAConnectionThatWasCutIsMadeAgain(): void
    {
        $backend = self::backend(self::postgres());
        $killer = self::postgres(['persistent' => false]);
        $this->assertSame('1', self::ask($killer, "SELECT pg_terminate_backend($backend)::int AS a"));
        $deadline = microtime(true) + 20;
        $alive = "SELECT count(*) AS a FROM pg_stat_activity WHERE pid = $backend";
        while (self::ask($killer, $alive) !== '0' && microtime(true) < $deadline) {
            usleep(5000);
        }
        $after = self::backend(self::postgres());
        $this->assertNotNull($after, 'the first question after it failed');
        $this->assertNotSame($backend, $after);
    }

    /** What a pooler between may lose. */
    public function testNoSettingOfTheSessionIsNeeded(): void
    {
        $postgres = self::postgres();
        $entity = self::ask(
            $postgres,
            "SELECT entity AS a FROM constraint_runner.violation WHERE wiki = 'testwiki' LIMIT 1"
        );
        $answers = [];
        foreach (['UTC', 'Asia/Tokyo'] as $zone) {
            $postgres->try(static function (IDatabase $db) use ($zone): void {
                $db->query("SET search_path = ''", __METHOD__);
                $db->query("SET timezone = '$zone'", __METHOD__);
                $db->query("SET datestyle = 'German'", __METHOD__);
            });
            $result = (new Results($postgres, 'testwiki'))->read([$entity])[$entity];
            $page = (new Violations($postgres, 'testwiki'))
                ->page(ViolationFilter::of($entity, '', '', ''), null, 5);
            $answers[] = [$result->checkedAt, $result->checkedAtUnix, $page->rows];
        }
        $this->assertNotEmpty($answers[0][2]);
        $this->assertSame($answers[0], $answers[1]);
        $this->assertEqualsWithDelta(
            $answers[0][1],
            (new DateTimeImmutable($answers[0][0]))->format('U.u'),
            0.001
        );
    }

    public function testAPasswordMayHoldAnything(): void
    {
        // trusted by the test's server; a badly quoted one would be another parameter
        $postgres = self::postgres(['password' => "it's a \\ dbname='nowhere'"]);
        $this->assertNotNull(self::backend($postgres));
    }

    public function testAServerThatIsNotThereIsNoError(): void
    {
        foreach ([true, false] as $persistent) {
            $this->assertNull(self::backend(self::postgres(['host' => '/nowhere',
                'persistent' => $persistent])));
        }
    }
}
