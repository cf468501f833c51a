# SPDX-License-Identifier: GPL-2.0-or-later
"""A private PostgreSQL for the session, a runner with an empty database for each module or test."""
import contextlib
import itertools
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
# pylint: disable=wrong-import-position
from commons_wiki import CommonsWiki  # noqa: E402
from entities import item, single_value_property  # noqa: E402
from faulty_wiki import FaultyWiki  # noqa: E402
from law_bench import Law  # noqa: E402
from mariadb import PrivateMariadb  # noqa: E402
from own_wiki import OwnWiki  # noqa: E402
from pg import PrivatePostgres  # noqa: E402
from runner_process import Runner  # noqa: E402

NUMBERS = itertools.count()
ENTITIES = [single_value_property(), item("Q1", 10), item("Q2", 20, ("a", "b")),
            {"entity": "Q3", "redirect": "Q1"}]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    with PrivatePostgres(tmp_path_factory.mktemp("pg") / "data", socket_mode="0755") as server:
        yield server


@pytest.fixture(scope="module")
def mariadb():
    with PrivateMariadb() as server:
        yield server


@pytest.fixture(params=[False, True], ids=["old", "new"])
def new(request):
    """The generation of MediaWiki's tables."""
    return request.param


@pytest.fixture
def make_commons(mariadb):
    """Makes a Commons without pages, each in a database of its own."""
    return lambda new: CommonsWiki(mariadb, f"commons_{next(NUMBERS)}", new=new)


@pytest.fixture
def law(postgres, make_runner, tmp_path):
    """A wiki, a database and runners on it."""
    tmp_path.chmod(0o755)
    conninfo = postgres.create_database()
    with FaultyWiki() as wiki:
        yield Law(wiki, conninfo, make_runner, tmp_path)
    postgres.drop_database(conninfo)


@pytest.fixture
def make_runner(postgres):
    """Runners that end with the test; `conninfo` by default that of one new database."""
    runners, databases = [], []

    def make(settings=None, entities=None, conninfo=None, **options):
        if conninfo is None:
            conninfo = postgres.create_database()
            databases.append(conninfo)
        runner = Runner(conninfo, ENTITIES if entities is None else entities, settings, **options)
        runners.append(runner)
        return runner

    yield make
    for runner in runners:
        runner.close()
    for database in databases:
        postgres.drop_database(database)


@pytest.fixture
def own_wiki(postgres, tmp_path):
    """Wikis "own" with their runners, which are not started; called with settings of [wiki.own] and
    others."""
    with contextlib.ExitStack() as stack:
        def make(settings=None, **more):
            conninfo = postgres.create_database()
            stack.callback(postgres.drop_database, conninfo)
            wiki = OwnWiki(conninfo, tmp_path, settings, **more)
            stack.callback(wiki.runner.close)
            return wiki
        yield make


@pytest.fixture
def runner(make_runner):
    """One that is ready."""
    return make_runner().start()


@pytest.fixture(scope="module")
def shared(postgres):
    """One for all tests of a module that do not change it."""
    instance = Runner(postgres.create_database(), ENTITIES)
    try:
        yield instance.start()
    finally:
        instance.close()
