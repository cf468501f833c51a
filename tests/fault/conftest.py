# SPDX-License-Identifier: GPL-2.0-or-later
"""A private PostgreSQL for each test, durable, and runners that end with it."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
# pylint: disable=wrong-import-position
from entities import single_value_property  # noqa: E402
from pg import PrivatePostgres  # noqa: E402
from runner_process import Runner  # noqa: E402


@pytest.fixture
def postgres(tmp_path):
    with PrivatePostgres(tmp_path / "pg", fsync=True) as server:
        yield server


@pytest.fixture
def make_runner(postgres):
    runners = []

    def make(settings=None, **options):
        runner = Runner(postgres.conninfo, [single_value_property()],
                        {"queue.lease": "2s", "queue.poll_interval": "200ms",
                         "log.level": "info", **(settings or {})}, **options)
        runners.append(runner)
        return runner

    yield make
    for runner in runners:
        runner.close()
