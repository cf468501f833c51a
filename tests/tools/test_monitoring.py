# SPDX-License-Identifier: GPL-2.0-or-later
"""The alert rules and the dashboard of monitoring/: promtool accepts them, what they name exists, and the
guide has a row for each alert."""
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
MONITORING = ROOT / 'monitoring'
GUIDE = (ROOT / 'docs' / 'operations.md').read_text(encoding='utf-8')
CACHE = pathlib.Path(os.environ.get('XDG_CACHE_HOME') or pathlib.Path.home() / '.cache') / 'constraint-runner'


@pytest.fixture(scope='module')
def promtool(tmp_path_factory):
    """Debian's, unpacked from its package: installing that would start a server."""
    found = shutil.which('promtool') or shutil.which(CACHE / 'promtool')
    if found:
        return found
    folder = tmp_path_factory.mktemp('prometheus')
    try:
        subprocess.run(['apt-get', '-q', 'download', 'prometheus'], cwd=folder, check=True,
                       capture_output=True, timeout=120)
        [package] = folder.glob('*.deb')
        subprocess.run(['dpkg-deb', '--extract', package, folder], check=True, capture_output=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / 'usr' / 'bin' / 'promtool', CACHE / 'promtool')
    except (OSError, ValueError, subprocess.SubprocessError) as problem:
        pytest.skip(f'SKIPPED, NOT PROVEN: promtool can\'t be had here: {problem}')
    return CACHE / 'promtool'


def run(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rules():
    text = (MONITORING / 'alerts.yml').read_text(encoding='utf-8')
    return [rule for group in yaml.safe_load(text)['groups'] for rule in group['rules']]


def dashboard():
    return json.loads((MONITORING / 'grafana.json').read_text(encoding='utf-8'))


def expressions():
    """Those of the dashboard, with values for its variables."""
    found = [target['expr'] for panel in dashboard()['panels'] for target in panel['targets']]
    return [e.replace('$instance', '.*').replace('$wiki', '.*') for e in found]


def metrics():
    """The names of all series that src/ops/metrics.cpp makes."""
    text = (ROOT / 'src' / 'ops' / 'metrics.cpp').read_text(encoding='utf-8')
    made = re.findall(r'(counter|gauge|Build\w+\(\)),?\s*\(?\s*"([a-z_]+)"', text)
    names = set()
    for kind, name in made:
        parts = ('_bucket', '_sum', '_count') if 'Histogram' in kind else ('',)
        names |= {'constraint_runner_' + name + part for part in parts}
    assert len(names) > 50
    return names


def named(text):
    return set(re.findall(r'constraint_runner_[a-z_]+', text))


def test_promtool_accepts_the_alerts_and_their_tests(promtool):
    assert f'{len(rules())} rules found' in run(promtool, 'check', 'rules', MONITORING / 'alerts.yml')
    run(promtool, 'test', 'rules', MONITORING / 'alerts_test.yml')


def test_promtool_accepts_the_queries_of_the_dashboard(promtool, tmp_path):
    file = tmp_path / 'queries.yml'
    file.write_text(yaml.safe_dump({'groups': [{'name': 'dashboard', 'rules': [
        {'record': f'query:{n}', 'expr': expr} for n, expr in enumerate(expressions())]}]}))
    run(promtool, 'check', 'rules', file)


def test_promtool_accepts_the_configuration_of_the_guide(promtool, tmp_path):
    [text] = re.findall(r'```yaml\n(rule_files:.*?)```', GUIDE, re.DOTALL)
    file = tmp_path / 'prometheus.yml'
    file.write_text(text)
    run(promtool, 'check', 'config', '--syntax-only', file)
    assert yaml.safe_load(text)['scrape_configs'][0]['job_name'] == 'constraint-runner'


def test_every_metric_that_is_named_exists():
    known = metrics()
    of_families = {re.sub(r'_(bucket|sum|count)$', '', name) for name in known} | known
    variables = ' '.join(v.get('definition', '') for v in dashboard()['templating']['list'])
    assert named(' '.join(expressions()) + variables) - known == set()
    assert named(' '.join(rule['expr'] for rule in rules())) - known == set()
    in_tests = (MONITORING / 'alerts_test.yml').read_text(encoding='utf-8')
    assert named(in_tests) - known == set()
    documents = ' '.join(p.read_text(encoding='utf-8') for p in (ROOT / 'docs').rglob('*.md'))
    assert {m for m in named(documents) if not m.endswith('_')} - of_families == set()


def test_the_guide_says_of_every_alert_what_to_do():
    rows = re.findall(r'^\| `(ConstraintRunner\w+)` \| [^|]+ \| [^|]+ \|$', GUIDE, re.MULTILINE)
    assert rows == [rule['alert'] for rule in rules()]
    for rule in rules():
        assert rule['annotations']['summary'] and rule['labels']['severity'] in ('critical', 'warning')


def test_the_panels_of_the_dashboard_do_not_overlap():
    taken = set()
    for panel in dashboard()['panels']:
        at = panel['gridPos']
        cells = {(x, y) for x in range(at['x'], at['x'] + at['w'])
                 for y in range(at['y'], at['y'] + at['h'])}
        assert not cells & taken and all(x < 24 for x, _ in cells), panel['title']
        taken |= cells
