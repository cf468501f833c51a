#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs a program with RUNNER_TEST_DATABASE set to a private PostgreSQL that lives as long as the
# program. When the variable is set already, that database is used.
#   tests/store/run.sh PROGRAM [ARGUMENT...]
set -eu
[ $# -gt 0 ] || { echo "usage: run.sh PROGRAM [ARGUMENT...]" >&2; exit 64; }
if [ -n "${RUNNER_TEST_DATABASE:-}" ]; then exec "$@"; fi
postgres="$(cd "$(dirname "$0")/../../scripts/lib" && pwd)/private_postgres"
folder=$(mktemp -d "${TMPDIR:-/tmp}/store-tests.XXXXXX")
trap '"$postgres" stop "$folder" --immediate --remove' EXIT
trap 'exit 130' INT TERM
chmod 755 "$folder"
# shellcheck disable=SC2086 # options, as words
RUNNER_TEST_DATABASE=$("$postgres" start "$folder" ${RUNNER_TEST_POSTGRES_OPTIONS---no-fsync})
export RUNNER_TEST_DATABASE
"$@"
