# SPDX-License-Identifier: GPL-2.0-or-later
"""A real MediaWiki of its own for the tests: SQLite, PHP's own web server, this tree's extension,
and the stand-ins for Wikibase and WikibaseQualityConstraints."""
import http.cookiejar
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
STANDINS = pathlib.Path(__file__).resolve().parent / "standins"
PASSWORD = "constraint-tests"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_roles(conninfo, role="wiki", check=True):
    """As an administrator does it, once or again."""
    return subprocess.run(["psql", "-X", "-q", "-d", conninfo, "-v", "wiki=testwiki", "-v",
                           f"role={role}", "-f", ROOT / "php-shim/sql/roles.sql"], check=check,
                          timeout=60, capture_output=True, text=True)


class Page:
    def __init__(self, status, headers, body, url):
        self.status, self.headers, self.body, self.url = status, headers, body.decode(), url

    @property
    def json(self):
        return json.loads(self.body)


class Wiki:
    user = "Admin"

    def __init__(self, mediawiki, folder, socket_path, postgres_host, database):
        self.mediawiki, self.folder = pathlib.Path(mediawiki), pathlib.Path(folder)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.config = self.folder / "settings.php"
        self.server = None
        self.socket_path, self.postgres_host, self.database = socket_path, postgres_host, database
        self._install()
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies))

    def _install(self):
        self._run(["php", "maintenance/run.php", "install", "--confpath", str(self.folder),
                   "--dbtype", "sqlite", "--dbpath", str(self.folder), "--server", self.url,
                   "--scriptpath", "", "--pass", PASSWORD, "Test", "Admin"])
        self._configure(self.folder / "LocalSettings.php", f"""
wfLoadExtension('WikibaseRepository', {str(STANDINS / 'WikibaseRepository/extension.json')!r});
wfLoadExtension('WikibaseQualityConstraints',
    {str(STANDINS / 'WikibaseQualityConstraints/extension.json')!r});
""")
        self.maintenance("update", "--quick")

    def _configure(self, base, more):
        (self.folder / "cache").mkdir(exist_ok=True)  # not the system's, which is of another user
        self.config.write_text(f"""<?php
require {str(base)!r};
$wgLanguageCode = 'en';
$wgMainCacheType = CACHE_NONE;
$wgLocalisationCacheConf['manualRecache'] = false;
$wgCacheDirectory = {str(self.folder / 'cache')!r};
$wgJobRunRate = 0;
$wgRateLimits = [];
$wgShowExceptionDetails = true;
$wgDebugLogGroups['ConstraintRunner'] = {str(self.folder / 'runner.log')!r};
{more}
wfLoadExtension('ConstraintRunner', {str(ROOT / 'php-shim/extension.json')!r});
$wgConstraintRunnerWiki = 'testwiki';
$wgConstraintRunnerSocket = {str(self.socket_path)!r};
$wgConstraintRunnerRetrySeconds = 1;
$wgConstraintRunnerDatabase = ['host' => {str(self.postgres_host)!r}, 'user' => 'wiki',
    'dbname' => {self.database!r}];
if (is_file({str(self.folder / 'more.php')!r})) {{
    require {str(self.folder / 'more.php')!r};
}}
""")

    def _run(self, command, stdin=None, check=True):
        done = subprocess.run(
            command, cwd=self.mediawiki, input=stdin, capture_output=True, text=True, timeout=300,
            check=False, env={**os.environ, "MW_CONFIG_FILE": str(self.config)}
            if self.config.exists() else None)
        if check and done.returncode != 0:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def maintenance(self, script, *arguments, stdin=None, check=True):
        return self._run(["php", "maintenance/run.php", script, *arguments], stdin, check)

    def more_settings(self, text):
        (self.folder / "more.php").write_text("<?php\n" + text)

    def start(self):
        log = open(self.folder / "http.log", "ab")  # pylint: disable=consider-using-with
        self.server = subprocess.Popen(
            ["php", "-d", f"error_log={self.folder / 'php.log'}", "-d", "opcache.revalidate_freq=0",
             "-S", f"127.0.0.1:{self.port}"], cwd=self.mediawiki, stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, "PHP_CLI_SERVER_WORKERS": "4", "MW_CONFIG_FILE": str(self.config)})
        log.close()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        raise AssertionError((self.folder / "http.log").read_text())

    def stop(self):
        if self.server is not None:
            os.killpg(self.server.pid, signal.SIGTERM)  # its workers are of its group
            self.server.wait(20)

    # -- requests ----------------------------------------------------------------------------

    def request(self, path, data=None):
        body = None if data is None else urllib.parse.urlencode(data).encode()
        try:
            with self.opener.open(self.url + path, body, timeout=60) as answer:
                return Page(answer.status, answer.headers, answer.read(), answer.url)
        except urllib.error.HTTPError as answer:
            return Page(answer.code, answer.headers, answer.read(), answer.url)

    def api(self, post=False, **parameters):
        parameters = {"format": "json", "formatversion": "2", **parameters}
        if post:
            return self.request("/api.php", parameters).json
        return self.request("/api.php?" + urllib.parse.urlencode(parameters)).json

    def login(self):
        token = self.api(action="query", meta="tokens", type="login")["query"]["tokens"]
        answer = self.api(True, action="login", lgname=self.user, lgpassword=PASSWORD,
                          lgtoken=token["logintoken"])
        assert answer["login"]["result"] == "Success", answer
        return self

    def token(self):
        return self.api(action="query", meta="tokens")["query"]["tokens"]["csrftoken"]

    def prepare(self):
        """What entities of the tests need, before the first of them."""

    def title(self, entity):
        return ("Property:" if entity.startswith("P") else "Item:") + entity

    def act(self, action, entity, **parameters):
        answer = self.api(True, action=action, title=self.title(entity), token=self.token(),
                          **parameters)
        assert action in answer, answer
        return answer[action]

    def save(self, document):
        """Saves an entity; returns its revision."""
        text = {k: v for k, v in document.items() if k != "lastrevid"}
        answer = self.act("edit", document["id"], text=json.dumps(text))
        assert answer["result"] == "Success", answer
        return answer["newrevid"]

    def check(self, **parameters):
        return self.api(action="wbcheckconstraints", **parameters)

    def kept_jobs(self, *entities):
        """The jobs of these entities that wait in the wiki's own queue, a line for each. (On a busy
        machine others may wait there too: a web request gives a hand-over up after 0.3 s.)"""
        shown = self.maintenance("showJobs", "--list", "--type", "constraintRunnerHandOver").stdout
        return [line for line in shown.splitlines()
                if any(f"entity={entity} " in line for entity in entities)]

    def run_jobs(self, kind="constraintRunnerHandOver"):
        return self.maintenance("runJobs", "--type", kind, "--maxtime", "30").stdout

    def push(self, kind, parameters):
        """Puts a job into the wiki's queue by hand."""
        self.maintenance("eval", stdin="MediaWiki\\MediaWikiServices::getInstance()"
                         "->getJobQueueGroup()->push(new JobSpecification("
                         f"{kind!r}, json_decode({json.dumps(parameters)!r}, true)));\n")
