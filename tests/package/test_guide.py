# SPDX-License-Identifier: GPL-2.0-or-later
"""A newcomer with a new Debian, the packages and docs/operations.md; later an upgrade, and the end.
The tests are one story, in their order."""
import copy
import pathlib
import re

from guide import commands, sections

ROOT = pathlib.Path(__file__).resolve().parents[2]
GUIDE = "docs/operations.md"
ASK = "sudo curl -s --unix-socket /run/constraint-runner/runner.sock http://runner"
RUNNER = "constraint-runner"


def follow(machine, wiki, heading):
    """Types what a section says, with the address of the wiki that is there."""
    blocks = commands(GUIDE, heading)
    assert blocks, heading
    printed = ""
    for block in blocks:
        text = block.replace("https://wiki.example/wiki/Special:EntityData/", wiki.url)
        printed += machine.run(text).stdout
    return printed


def test_the_package_is_installed_and_starts_nothing(machine, wiki, packages, version_before):
    machine.run(f"cp /srv/packages/{version_before.name} "
                f"/srv/packages/{packages['mediawiki-extension-constraint-runner'].name} .")
    follow(machine, wiki, "From packages")
    assert machine.run(f"systemctl is-active {RUNNER}", check=False).stdout == "inactive\n"
    listed = machine.run("sudo stat -c '%A %U %G' /etc/constraint-runner "
                         "/etc/constraint-runner/constraint-runner.toml").stdout
    assert listed == "drwxr-x--- root constraint-runner\n-rw-r----- root constraint-runner\n"


def test_the_database_is_made_and_making_it_may_be_repeated(machine, wiki):
    machine.eventually("pg_lsclusters", "online")
    said = follow(machine, wiki, "The database")
    assert "making the role constraint-runner" in said
    assert "making the role" not in machine.run("sudo constraint-runner-database setup").stdout


def test_the_wiki_is_configured(machine, wiki):
    assert wiki.url in follow(machine, wiki, "The wiki")


def test_the_service_runs_and_stores_the_result_of_a_job(machine, wiki):
    printed = follow(machine, wiki, "Running")
    assert '"ready":true' in printed
    stored = machine.eventually(f"{ASK}'/v1/violations?wiki=mywiki'", "P462")
    assert '"entity":"Q2"' in stored


def test_an_edit_changes_what_is_stored(machine, wiki):
    edited = copy.deepcopy(wiki.documents["Q2"])
    del edited["claims"]["P462"]
    edited["lastrevid"] += 1000
    wiki.put(edited)
    job = next(b for b in commands(GUIDE, "Running") if "/v1/jobs" in b).splitlines()[0]
    machine.run(job)
    machine.eventually(f"{ASK}/v1/results/mywiki/Q2", f'"revision":{edited["lastrevid"]}')
    assert "P462" not in machine.run(f"{ASK}'/v1/violations?wiki=mywiki&entity=Q2'").stdout


def test_the_service_is_sandboxed(machine):
    shown = dict(line.split("=", 1) for line in machine.run(
        f"systemctl show {RUNNER} -p MainPID -p User -p NoNewPrivileges -p ProtectSystem").stdout.splitlines())
    assert (shown["User"], shown["NoNewPrivileges"], shown["ProtectSystem"]) == (RUNNER, "yes", "strict")
    status = machine.run(f"cat /proc/{shown['MainPID']}/status").stdout
    assert re.search(r"CapEff:\s+0+\n", status) and re.search(r"Seccomp:\s+2\n", status)
    assert machine.run("systemd-analyze verify constraint-runner.service").stderr == ""
    exposure = machine.run("systemd-analyze security --no-pager constraint-runner.service").stdout
    assert float(re.search(r"exposure level.*: ([\d.]+)", exposure)[1]) < 3
    machine.run(f"sudo systemctl reload {RUNNER}")
    machine.eventually(f"sudo journalctl --unit {RUNNER}", "reloaded: ")


def test_what_php_workers_need_can_be_allowed(machine):
    """The lines of the guide make a drop-in with which the service starts."""
    lines = re.findall(r"`((?:ProtectHome|ReadWritePaths|SupplementaryGroups)=[^`]+)`", (ROOT / GUIDE).read_text())
    assert len(lines) == 3
    drop_in = f"/etc/systemd/system/{RUNNER}.service.d"
    text = "\\n".join(["[Service]", *lines])
    machine.run(f"sudo mkdir {drop_in}; printf '{text}\\n' | sudo tee {drop_in}/php.conf; "
                f"sudo systemctl daemon-reload; sudo systemctl restart {RUNNER}")
    machine.eventually(f"{ASK}/readyz", '"ready":true')
    shown = machine.run(f"systemctl show {RUNNER} -p ProtectHome -p SupplementaryGroups").stdout
    assert "ProtectHome=read-only" in shown and "SupplementaryGroups=www-data" in shown
    machine.run(f"sudo rm -r {drop_in}; sudo systemctl daemon-reload; sudo systemctl restart {RUNNER}")


def test_a_role_of_the_wiki_reads(machine, wiki):
    follow(machine, wiki, "MediaWiki")
    read = machine.run("sudo -u postgres psql -At constraint_runner -c 'SET ROLE wiki' "
                       "-c 'SELECT count(*) FROM constraint_runner.violation'").stdout
    assert int(read.split()[-1]) > 0


def test_the_first_fill_comes_from_a_dump(machine, wiki, sample):
    # a large dump: of what the wiki has, and in its shape
    machine.run("cp /usr/share/doc/constraint-runner/examples/sample.ndjson dump.ndjson")
    printed = follow(machine, wiki, "The first fill")
    assert "Q2" in printed
    results = machine.run("sudo -u postgres psql -At constraint_runner "
                          "-c 'SELECT count(*) FROM constraint_runner.entity_result'").stdout
    assert int(results) >= sum("redirect" not in e for e in sample) * 0.9


def test_a_token_lets_in_over_tcp(machine, wiki):
    assert '"ready":' in follow(machine, wiki, "Access")
    refused = machine.run("curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8090/v1/queue").stdout
    assert refused == "401"


def test_members_of_the_group_can_monitor(machine):
    [block] = sections(GUIDE)["Watching"]
    printed = machine.run(block, user=RUNNER).stdout
    assert "constraint_runner_ready 1" in printed and '"problems"' in printed


def test_the_daemon_is_controlled(machine, wiki):
    printed = follow(machine, wiki, "Control")
    assert "mywiki is paused since" in printed and "the wiki is upgraded\nno job is in flight\n" in printed
    assert "\nno wiki is paused\n" in printed
    assert "Q2: forgotten, and queued for a check\nno changes\n" in printed


def test_a_reload_adds_a_wiki(machine, wiki):
    ask = f"{ASK}'/v1/violations?wiki=otherwiki'"
    assert "unknown_wiki" in machine.run(ask).stdout
    follow(machine, wiki, "Farms")
    machine.eventually(ask, '"violations":[]')


def test_pages_completions_and_documents_are_there(machine):
    for path in ("/usr/share/man/man1/constraint-runner-import-category.1.gz",
                 "/usr/share/man/man5/constraint-runner.toml.5.gz",
                 "/usr/share/bash-completion/completions/constraint-runner.bash",
                 "/usr/share/zsh/vendor-completions/_constraint-runner",
                 "/usr/share/fish/vendor_completions.d/constraint-runner.fish",
                 "/usr/share/constraint-runner/monitoring/alerts.yml",
                 "/usr/share/constraint-runner/monitoring/grafana.json",
                 "/usr/share/constraint-runner/roles.sql", "/usr/share/constraint-runner/openapi.yaml",
                 "/usr/share/doc/constraint-runner/docs/operations.md"):
        assert machine.has(path), path


def test_the_extension_is_linked_into_mediawiki(machine):
    block = commands("php-shim/README.md", "Installing")[0]
    machine.run("sudo mkdir -p /var/www/mediawiki/extensions")
    machine.run(block)
    for folder in ("/var/www/mediawiki", "/var/lib/mediawiki"):  # that of Debian's package, too
        machine.run(f"php -l {folder}/extensions/ConstraintRunner/maintenance/worker.php")
    assert "pgsql" in machine.run("php -m").stdout


def test_an_upgrade_keeps_settings_and_results_and_refuses_no_request(machine, wiki, packages):
    def pairs():
        return re.sub(r'"checked_at":"[^"]*"', "",
                      machine.run(f"{ASK}'/v1/violations?wiki=mywiki&limit=1000'").stdout)

    results = pairs()
    before = machine.run(f"systemctl show {RUNNER} -p MainPID").stdout
    machine.run(f"rm *.deb; cp /srv/packages/{packages[RUNNER].name} .")
    machine.run(f"(until [ -e upgraded ]; do {ASK}/healthz -o /dev/null -w '%{{http_code}}\n'; done) "
                ">codes 2>/dev/null </dev/null &")
    follow(machine, wiki, "Upgrade")
    machine.run("touch upgraded")
    assert machine.run("dpkg-query -W -f '${Version}' constraint-runner").stdout != "0.0.1"
    machine.eventually(f"{ASK}/readyz", '"ready":true')
    assert machine.run(f"systemctl show {RUNNER} -p MainPID").stdout != before
    assert pairs() == results
    assert set(machine.run("cat codes").stdout.split()) <= {"200", "503"}  # 000: refused
    assert "dump_folder" in machine.run("sudo cat /etc/constraint-runner/constraint-runner.toml").stdout


def test_a_backup_is_restored(machine, wiki):
    count = "sudo -u postgres psql -At constraint_runner -c 'SELECT count(*) FROM constraint_runner.violation'"
    before = machine.run(count).stdout
    follow(machine, wiki, "Backup and restore")
    assert machine.run(count).stdout == before
    machine.eventually(f"{ASK}/readyz", '"ready":true')


def test_a_purge_leaves_nothing_but_the_database(machine, wiki):
    machine.run("sudo apt-get remove --yes constraint-runner")
    assert machine.has("/etc/constraint-runner/constraint-runner.toml")
    follow(machine, wiki, "Removing")
    machine.run("sudo apt-get purge --yes mediawiki-extension-constraint-runner")
    left = machine.run("sudo find / -xdev -path /proc -prune -o -path /srv/packages -prune -o "
                       "-iname '*constraint-runner*' -print").stdout
    left = [path for path in left.splitlines() if not path.startswith(
        ("/home/tester/", "/var/cache/apt/", "/srv/constraint-runner", "/var/tmp/systemd-private-"))]
    assert left == []
    assert machine.run("getent passwd constraint-runner; getent group constraint-runner",
                       check=False).stdout == ""
    assert machine.run("sudo -u postgres psql -At constraint_runner "
                       "-c 'SELECT count(*) FROM constraint_runner.violation'").stdout != "0\n"
