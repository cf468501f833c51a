<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// What the wiki of docker-compose.yml has beyond the settings of its image.

wfLoadExtension('WikibaseQualityConstraints');
wfLoadExtension('ConstraintRunner');
$wgConstraintRunnerWiki = 'my_wiki'; // the section in docker/runner.toml
$wgConstraintRunnerSocket = '/run/constraint-runner/runner.sock';
$wgConstraintRunnerDatabase = [
    'host' => getenv('CONSTRAINT_RUNNER_DATABASE_HOST'),
    'user' => 'wiki',
    'password' => getenv('CONSTRAINT_RUNNER_DATABASE_PASSWORD'),
    'dbname' => 'constraint_runner',
];
