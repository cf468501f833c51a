<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// The connection to the runner's PostgreSQL, through MediaWiki's own database layer, taken when it
// is first needed. It is outside the wiki's load balancer: its transactions are its own.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Store;

use DatabaseConstraintrunner;
use MediaWiki\Extension\ConstraintRunner\Client\Rest;
use Psr\Log\LoggerInterface;
use Throwable;
use Wikimedia\Rdbms\DatabaseFactory;
use Wikimedia\Rdbms\IDatabase;

class Postgres
{
    private const CONNECT_SECONDS = 2.0; // as DatabaseConstraintrunner has it

    private ?IDatabase $connection = null;

    /**
     * @param ?array $settings host, port, user, password, dbname, ssl, persistent; null: there is no
     *  database
     */
    public function __construct(
        private readonly DatabaseFactory $factory,
        private readonly ?array $settings,
        private readonly Rest $rest,
        private readonly LoggerInterface $logger
    ) {
    }

    public function isConfigured(): bool
    {
        return $this->settings !== null;
    }

    /**
     * Does something with the connection.
     * @template T
     * @param callable(IDatabase):T $work
     * @return T|null null also when PostgreSQL is away or the work failed, which is logged
     */
    public function try(callable $work): mixed
    {
        try {
            $connection = $this->connect();
            return $connection === null ? null : $work($connection);
        } catch (Throwable $error) {
            $this->logger->warning('PostgreSQL: {exception}', ['exception' => $error]);
            $this->abandon();
            return null;
        }
    }

    private function connect(): ?IDatabase
    {
        if ($this->connection !== null) {
            return $this->connection;
        }
        if ($this->settings === null || !$this->rest->mayTry(self::CONNECT_SECONDS)) {
            return null;
        }
        try {
            $this->connection = $this->open();
        } catch (Throwable $error) {
            $this->rest->begin();
            throw $error;
        }
        $this->rest->end();
        return $this->connection;
    }

    private function open(): IDatabase
    {
        return $this->factory->create(DatabaseConstraintrunner::TYPE, [
            'host' => $this->settings['host'] ?? null,
            'port' => (int)($this->settings['port'] ?? 5432),
            'user' => $this->settings['user'] ?? null,
            'password' => $this->settings['password'] ?? '',
            'dbname' => $this->settings['dbname'] ?? 'constraint_runner',
            'ssl' => (bool)($this->settings['ssl'] ?? false),
            'persistent' => (bool)($this->settings['persistent'] ?? true),
            'schema' => 'constraint_runner',
            'tablePrefix' => '',
            'flags' => 0, // no transaction unless asked for
            'errorLogger' => fn (Throwable $e) => $this->logger->warning(
                'PostgreSQL: {exception}',
                ['exception' => $e]
            ),
        ]);
    }

    /** A connection with an unfinished transaction or of a server that went is of no more use. */
    private function abandon(): void
    {
        $connection = $this->connection;
        $this->connection = null;
        try {
            $connection?->rollback(__METHOD__, IDatabase::FLUSHING_ALL_PEERS);
            $connection?->close(__METHOD__);
        } catch (Throwable) {
            // it is gone
        }
    }
}
