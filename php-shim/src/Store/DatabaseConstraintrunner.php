<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// MediaWiki's PostgreSQL with a connection that outlives the request. MediaWiki's own is made again
// each time and asks ten things before the first query, which costs more than all that is read.
// Here the session is set up by the connection string alone, names are qualified, and no query of
// this extension depends on a setting of the session: a pooler between may drop them.

declare(strict_types=1);

use Wikimedia\Rdbms\DatabaseDomain;
use Wikimedia\Rdbms\DatabasePostgres;

// The name is what MediaWiki's DatabaseFactory makes of the type.
// phpcs:ignore PSR1.Classes.ClassDeclaration.MissingNamespace
class DatabaseConstraintrunner extends DatabasePostgres
{
    public const TYPE = 'constraintrunner';

    /** Of libpq; a server that is gone is noticed, and no query lasts longer than a reader waits. */
    private const PARAMETERS = [
        'client_encoding' => 'UTF8',
        'fallback_application_name' => 'MediaWiki ConstraintRunner',
        'connect_timeout' => '2',
        'tcp_user_timeout' => '10000', // ms; has no effect on a Unix socket
        // all questions are short: what a compiled or parallel plan saves, its beginning costs twice
        'options' => '-c statement_timeout=10000 -c jit=off -c max_parallel_workers_per_gather=0',
    ];

    private readonly bool $persistent;
    private readonly int $portNumber;

    /** @param array $params As for DatabasePostgres, and persistent */
    public function __construct(array $params)
    {
        $this->persistent = $params['persistent'];
        $this->portNumber = (int)$params['port'];
        parent::__construct($params);
    }

    /** @inheritDoc */
    protected function open($server, $user, $password, $db, $schema, $tablePrefix)
    {
        if (!function_exists('pg_connect')) {
            throw $this->newExceptionAfterConnectError('PHP has no extension pgsql');
        }
        $this->close(__METHOD__);
        $string = self::connectionString([
            'host' => $server,
            'port' => $this->portNumber ?: null,
            'user' => $user,
            'password' => $password,
            'dbname' => $db,
            'sslmode' => $this->ssl ? 'require' : null,
        ] + self::PARAMETERS);
        $this->installErrorHandler();
        try {
            $this->conn = ($this->persistent ? self::kept($string) : self::made($string)) ?: null;
        } finally {
            $error = $this->restoreErrorHandler();
        }
        if (!$this->conn) {
            throw $this->newExceptionAfterConnectError($error ?: 'no connection');
        }
        $this->platform->setCoreSchema(''); // none: so that every name is qualified
        $this->currentDomain = new DatabaseDomain($db, $schema, $tablePrefix);
        $this->platform->setCurrentDomain($this->currentDomain);
    }

    private static function made(string $string): PgSql\Connection|false
    {
        return pg_connect($string, PGSQL_CONNECT_FORCE_NEW);
    }

    /** That of an earlier request of this process, as new: PHP has sent RESET ALL, and noticed if it
     * is broken; no transaction is left open. */
    private static function kept(string $string): PgSql\Connection|false
    {
        // PHP sets its handler of notices last. Until then it is that of the request before, whose
        // memory is free: what a server says that crashes would be written there, and end the process.
        $before = ini_set('pgsql.ignore_notice', '1');
        try {
            $connection = pg_pconnect($string);
        } finally {
            ini_set('pgsql.ignore_notice', (string)$before);
        }
        if (
            $connection === false || (pg_connection_status($connection) === PGSQL_CONNECTION_OK
                && pg_transaction_status($connection) === PGSQL_TRANSACTION_IDLE)
        ) {
            return $connection;
        }
        return pg_connection_reset($connection) ? $connection : false;
    }

    private static function connectionString(array $parameters): string
    {
        $string = '';
        foreach ($parameters as $name => $value) {
            if ((string)$value !== '') {
                $string .= "$name='" . addcslashes((string)$value, "\\'") . "' ";
            }
        }
        return $string;
    }
}
