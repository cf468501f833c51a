# SPDX-License-Identifier: GPL-2.0-or-later
"""docker-compose.yml and the images: the file against the schema's rules as far as it uses them, and
every path, setting, variable and package that it names against the tree. No engine is needed; where
Docker's own `compose config` is there, it has its say too."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tomllib

import jsonschema
import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
DURATION = {"type": "string", "pattern": r"^(\d+(ms|[smh]))+$"}
STRICT = {"type": "object", "additionalProperties": False}
SERVICE = {**STRICT, "properties": {
    "build": {**STRICT, "properties": {"context": TEXT, "dockerfile": TEXT}},
    "image": {"type": "string", "pattern": r"^[a-z0-9./-]+(:[\w.-]+)?$"},
    "command": {"oneOf": [TEXT, TEXTS]},
    "entrypoint": {"oneOf": [TEXT, TEXTS]},
    "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
    "depends_on": {"type": "object", "additionalProperties": {
        **STRICT, "required": ["condition"], "properties": {"condition": {"enum": [
            "service_started", "service_healthy", "service_completed_successfully"]}}}},
    "ports": TEXTS,
    "environment": {"type": "object", "additionalProperties": {"type": ["string", "number", "null"]}},
    "volumes": TEXTS,
    "healthcheck": {**STRICT, "required": ["test"], "properties": {
        "test": TEXTS, "interval": DURATION, "timeout": DURATION, "start_period": DURATION,
        "retries": {"type": "integer"}}},
}}
SCHEMA = {**STRICT, "required": ["services"], "patternProperties": {"^x-": {}}, "properties": {
    "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
    "services": {"type": "object", "additionalProperties": SERVICE},
    "volumes": {"type": "object", "additionalProperties": {"type": ["object", "null"]}}}}


def example():
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def mounts(service):
    for volume in SERVICES[service].get("volumes", []):
        yield volume.split(":")


def test_the_file_matches_the_schema():
    jsonschema.validate(COMPOSE, SCHEMA)


def test_the_full_schema_of_compose_accepts_it():
    """COMPOSE_SCHEMA names schema/compose-spec.json of github.com/compose-spec/compose-spec."""
    if "COMPOSE_SCHEMA" not in os.environ:
        pytest.skip("SKIPPED: COMPOSE_SCHEMA is not set; the rules above stand for it")
    schema = json.loads(pathlib.Path(os.environ["COMPOSE_SCHEMA"]).read_text())
    text = (ROOT / "docker-compose.yml").read_text()
    filled = re.sub(r"\$\{(\w+)[^}]*\}", lambda found: example()[found[1]], text)
    for composed in (text, filled):
        jsonschema.Draft7Validator(schema).validate(yaml.safe_load(composed))


def test_docker_takes_it():
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode \
            if shutil.which("docker") else True:
        pytest.skip("SKIPPED: Docker's compose is not installed; the rules above stand for it")
    done = subprocess.run(["docker", "compose", "--env-file", ".env.example", "config", "--quiet"],
                          cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_variable_is_in_the_example_and_none_is_there_for_nothing():
    used = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    assert used == example().keys() and all(example().values())


def test_every_mounted_path_and_every_image_file_is_there():
    for service, settings in SERVICES.items():
        for source, *_ in mounts(service):
            if source.startswith("."):
                assert (ROOT / source).exists(), source
            else:
                assert source in COMPOSE["volumes"], source
        if "build" in settings:
            context = ROOT / settings["build"]["context"]
            assert (context / settings["build"].get("dockerfile", "Dockerfile")).is_file()
    assert set(COMPOSE["volumes"]) == {source for service in SERVICES
                                       for source, *_ in mounts(service) if source[0] != "."}


def test_dependencies_on_health_or_completion_can_be_met():
    dockerfile = (ROOT / "Dockerfile").read_text()
    for service, settings in SERVICES.items():
        for other, wanted in settings.get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other] or (
                    other == "runner" and "HEALTHCHECK" in dockerfile), (service, other)
            if wanted["condition"] == "service_completed_successfully":
                assert "restart" not in SERVICES[other]


def test_wiki_and_runner_mean_the_same_socket_section_and_database():
    runner = tomllib.loads((ROOT / "docker/runner.toml").read_text())
    php = (ROOT / "docker/LocalSettings.php").read_text()
    socket = pathlib.Path(runner["server"]["socket"])
    assert f"wgConstraintRunnerSocket = '{socket}'" in php
    for service in ("wikibase", "runner", "jobs"):
        assert ["runner-socket", str(socket.parent)] in [m[:2] for m in mounts(service)]
    assert f"-o constraint-runner {socket.parent}" in (ROOT / "Dockerfile").read_text()
    [wiki] = runner["wiki"]
    assert f"wgConstraintRunnerWiki = '{wiki}'" in php
    assert f"wiki={wiki} " in (ROOT / "docker/roles.sh").read_text()
    conninfo = dict(p.split("=") for p in runner["database"]["conninfo"].split())
    assert conninfo == {"host": "postgres", "user": SERVICES["postgres"]["environment"]["POSTGRES_USER"],
                        "dbname": SERVICES["postgres"]["environment"]["POSTGRES_DB"]}
    assert "'dbname' => 'constraint_runner'" in php and "'user' => 'wiki'" in php
    for variable in re.findall(r"getenv\('(\w+)'\)", php):
        assert variable in SERVICES["wikibase"]["environment"]


def test_the_settings_are_settings():
    config = json.loads((ROOT / "php-shim/extension.json").read_text())["config"]
    for name in re.findall(r"\$wg(ConstraintRunner\w+)", (ROOT / "docker/LocalSettings.php").read_text()):
        assert name in config
    binary = os.environ.get("CONSTRAINT_RUNNER", ROOT / "build/src/cli/constraint-runner")
    if not pathlib.Path(binary).exists():
        pytest.skip("SKIPPED, NOT PROVEN: the runner is not built")
    done = subprocess.run([binary, "--config", ROOT / "docker/runner.toml", "config", "check"],
                          capture_output=True, text=True, check=False)
    problems = [line for line in done.stderr.splitlines() if "the host " not in line]
    assert problems == []  # the other containers are not to be found from here


def test_the_images_name_files_and_groups_of_the_tree():
    dockerfile = (ROOT / "Dockerfile").read_text()
    for line in re.findall(r"^COPY (scripts.*) \S+$", dockerfile, re.M):
        for path in line.split():
            assert (ROOT / path).exists(), path
    groups = {line.split()[0] for line in (ROOT / "scripts/lib/packages").read_text().splitlines()
              if line and line[0] != "#"}
    assert set(re.search(r"RUN \S*lib/install ([\w ]+)", dockerfile)[1].split()) <= groups


def test_the_runner_starts_with_what_is_mounted_and_installed():
    dockerfile = (ROOT / "Dockerfile").read_text()
    command = [word for name in ("ENTRYPOINT", "CMD")
               for word in json.loads(re.search(rf"^{name} (\[.*\])$", dockerfile, re.M)[1])]
    targets = {source: target for source, target, *_ in mounts("runner")}
    assert command == ["constraint-runner", "--config", targets["./docker/runner.toml"], "serve"]
    # the package that was made, under the name that it has
    made = re.search(r"^RUN scripts/package (\S+)$", dockerfile, re.M)[1]
    assert f"COPY --from=build {made}/constraint-runner_*.deb /tmp/" in dockerfile
    assert "\nPackage: constraint-runner\n" in (ROOT / "debian/control").read_text()
    assert "\nFROM debian:12 AS build\n" in dockerfile
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".env"} <= set(ignored)
    for path in ("src", "tests", "debian", "scripts", "meson.build", "meson_options.txt"):
        assert not any(pathlib.PurePath(path).match(pattern) for pattern in ignored), path


def test_health_checks_use_the_socket_and_an_existing_route():
    dockerfile = (ROOT / "Dockerfile").read_text()
    check = json.loads(re.search(r"HEALTHCHECK.*\\\n\s+CMD (\[.*\])", dockerfile)[1])
    runner = tomllib.loads((ROOT / "docker/runner.toml").read_text())
    assert check[check.index("--unix-socket") + 1] == runner["server"]["socket"]
    routes = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())["paths"]
    assert check[-1].removeprefix("http://runner") in routes
    assert check[0] == "curl" and " curl " in dockerfile


def test_the_runner_finds_the_wiki_and_calls_it_by_the_port_of_the_example():
    [wiki] = tomllib.loads((ROOT / "docker/runner.toml").read_text())["wiki"].values()
    host = re.match(r"http://([^/:]+)/wiki/Special:EntityData/$", wiki["entity_data_url"])[1]
    assert host in SERVICES
    environment = SERVICES[host]["environment"]
    port = example()["WIKI_PORT"]
    server = environment["MW_WG_SERVER"].replace("${WIKI_PORT}", port)
    assert wiki["concept_base_uri"] == f"{server}/entity/"
    assert SERVICES[host]["ports"] == ["127.0.0.1:${WIKI_PORT:?copy .env.example to .env}:80"]
    database, port = environment["DB_SERVER"].split(":")
    assert SERVICES[database]["image"].startswith("mariadb:") and port == "3306"
    assert environment["CONSTRAINT_RUNNER_DATABASE_HOST"] in SERVICES
    assert SERVICES["jobs"]["environment"] == environment
    for theirs, ours in (("MARIADB_USER", "DB_USER"), ("MARIADB_PASSWORD", "DB_PASS"),
                         ("MARIADB_DATABASE", "DB_NAME")):
        assert SERVICES[database]["environment"][theirs] == environment[ours].replace(":?", "")


def test_the_roles_are_made_by_files_and_with_variables_that_it_has():
    service = SERVICES["roles"]
    script = (ROOT / "docker/roles.sh").read_text()
    targets = {target for _, target, *_ in mounts("roles")}
    assert set(re.findall(r"-f (\S+)", script)) | set(service["entrypoint"][1:]) == targets
    given = set(service["environment"])
    assert set(re.findall(r"\$(\w+)", script)) <= given
    assert {"PGHOST", "PGUSER", "PGDATABASE", "PGPASSWORD"} <= given
    assert service["environment"]["PGHOST"] in SERVICES
    used = set(re.findall(r":[\"']?(\w+)[\"']", (ROOT / "php-shim/sql/roles.sql").read_text()))
    assert used == set(re.findall(r"-v (wiki|role)=", script))


def test_the_extension_lies_where_mediawiki_looks_for_it():
    name = json.loads((ROOT / "php-shim/extension.json").read_text())["name"]
    php = (ROOT / "docker/LocalSettings.php").read_text()
    assert f"wfLoadExtension('{name}')" in php
    for service in ("wikibase", "jobs"):
        targets = {source: target for source, target, *_ in mounts(service)}
        assert targets["./php-shim"] == f"/var/www/html/extensions/{name}"
        # read in the order of names: after what the image loads itself (20_ to 40_)
        assert re.match(r"/var/www/html/LocalSettings\.d/[5-9]\d_\w+\.php$",
                        targets["./docker/LocalSettings.php"])
    image = (ROOT / "docker/wikibase.Dockerfile").read_text()
    loaded = set(re.findall(r"wfLoadExtension\('(\w+)'\)", php)) - {name}
    assert loaded == set(re.findall(r"/var/www/html/extensions/(\w+)", image))
    assert "docker-php-ext-install pgsql" in image


def test_the_walk_through_names_what_is_there():
    text = (ROOT / "docs/development.md").read_text()
    for path in re.findall(r"\]\((\.\./[^)#]+)\)", text):
        assert (ROOT / "docs" / path).exists(), path
    for service in re.findall(r"docker compose (?:logs -f|exec|restart|up -d --build) ([a-z]+)", text):
        assert service in SERVICES, service
    runner = tomllib.loads((ROOT / "docker/runner.toml").read_text())
    routes = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())["paths"]
    for socket, route in re.findall(r"--unix-socket (\S+) http://runner(\S+)", text):
        assert socket == runner["server"]["socket"] and route in routes
    for section in re.findall(r"`\[wiki\.(\w+)\.ids\]`", text):
        assert section in runner["wiki"]
    sql = (ROOT / "src/store/migrations/0001_results.sql").read_text()
    for columns, table in re.findall(r"SELECT ([\w, ]+) FROM (\S+)'", text):
        definition = re.search(rf"CREATE TABLE {re.escape(table)} \((.*?)\n\);", sql, re.S)[1]
        for column in columns.split(", "):
            assert re.search(rf"^    {column} ", definition, re.M), column
    for command in re.findall(r"psql -U (\w+) (\w+)", text):
        assert command == (SERVICES["postgres"]["environment"]["POSTGRES_USER"],
                           SERVICES["postgres"]["environment"]["POSTGRES_DB"])
    for script in re.findall(r"ConstraintRunner:(\w+)", text):
        assert (ROOT / f"php-shim/maintenance/{script}.php").exists(), script
