# SPDX-License-Identifier: GPL-2.0-or-later
"""What scripts/new-check does: works out every file that a new constraint type touches, and then
writes all of them or none. The texts of the new files are in scripts/lib/templates/."""
import os
import pathlib
import re

TEMPLATES = pathlib.Path(__file__).resolve().parent / 'templates'
NAME = re.compile(r'[a-z][a-z0-9]*(-[a-z0-9]+)*')
SETTING = re.compile(r'[A-Z][A-Za-z0-9]*')
ITEM = re.compile(r'Q[1-9][0-9]{0,9}')
ROW_WIDTH = 99  # where the backslash of a macro's line stands

REGISTRY = 'src/checks/registry.cpp'
BUILD = 'src/checks/meson.build'
TYPES = 'src/checks/types'
IDS = 'src/config/constraint_ids.hpp'
INDEX = 'docs/checks/README.md'
SENTENCES = 'src/results/sentence_patterns.cpp'
SETTINGS_PAGE = 'docs/configuration.md'
SETTINGS_EXAMPLE = 'constraint-runner.toml.example'

OWN_NOTE = ('- The runner\'s own: WBQC leaves it `todo`. On with `extras = ["types"]`; see '
            '[extras](../extras.md)\n')


class Refused(Exception):
    """The name or an option is invalid; the text says why."""


class Tree:
    """The files as they will be; nothing is written yet."""

    def __init__(self, root):
        self.root, self.changed = root, {}

    def read(self, path):
        if path not in self.changed:
            self.changed[path] = (self.root / path).read_text(encoding='utf-8')
        return self.changed[path]

    def create(self, path, text):
        if (self.root / path).exists():
            raise Refused(f'{path} exists already')
        self.changed[path] = text

    def insert_sorted(self, path, begin, row, line, key, end=None):
        """Puts `line` among the lines that match `row` between the texts `begin` and `end`, where
        its `key` (group 1 of `row`) belongs."""
        head, found, rest = self.read(path).partition(begin)
        block, stop, tail = rest.partition(end) if end else (rest, '', '')
        lines = block.splitlines(keepends=True)
        rows = [(re.match(row, each)[1], i) for i, each in enumerate(lines)
                if re.match(row, each)]
        if not found or (end and not stop) or not rows:
            raise Refused(f'{path}: the list of checks is not where it was expected')
        after = [i for name, i in rows if name < key]
        lines.insert(max(after) + 1 if after else rows[0][1], line)
        self.changed[path] = head + found + ''.join(lines) + stop + tail


def macro_row(text):
    return f'    {text}'.ljust(ROW_WIDTH) + '\\\n'


def add_to_registry(tree, word):
    path = REGISTRY
    text = tree.read(path)
    rows = re.findall(r'^    X\((\w+)\)', text, re.M)
    if not rows:
        raise Refused(f'{path}: no table of checks found')
    rows = sorted([*rows, word])
    table = ''.join(macro_row(f'X({row})') for row in rows[:-1]) + f'    X({rows[-1]})\n'
    tree.changed[path] = re.sub(r'(?:^    X\(\w+\)[ \\]*\n)+', lambda _: table, text, count=1,
                                flags=re.M)


def add_sentence(tree, key, sentence):
    """The message of the check in words, among the others; entries may have several lines."""
    text = tree.read(SENTENCES)
    later = [m.start() for m in re.finditer(r'^        \{"([\w-]+)",|^    \};', text, re.M)
             if m[1] is None or m[1] > key]
    if not later:
        raise Refused(f'{SENTENCES}: the list of sentences is not where it was expected')
    quoted = sentence.replace('\\', '\\\\').replace('"', '\\"')
    tree.changed[SENTENCES] = (text[:later[0]] + f'        {{"{key}", "{quoted}"}},\n'
                               + text[later[0]:])


def ids_of(text):
    """The settings with ids: name to default id."""
    return dict(re.findall(r'^    X\((\w+), "([PQ]\d+)"\)', text, re.M))


def tables_of_ids(text):
    """Those of WBQC, and the runner's own."""
    wbqc, found, own = text.partition('#define RUNNER_OWN_IDS(X)')
    if not found:
        raise Refused(f'{IDS}: the table of the runner\'s own ids is not where it was expected')
    return ids_of(wbqc), ids_of(own)


def constraint_id(tree, name, item, setting, own):
    """The setting and the default id of the constraint type; adds the setting if it is new."""
    if setting is None:
        setting = ''.join(word.capitalize() for word in name.split('-')) + 'Constraint'
    if not SETTING.fullmatch(setting) or setting.startswith('WBQualityConstraints'):
        raise Refused(f'--setting {setting}: write it like "NoneOfConstraint"')
    if item is not None and not ITEM.fullmatch(item):
        raise Refused(f'--type {item}: is no item id')
    tables = tables_of_ids(tree.read(IDS))
    ids = tables[0] | tables[1]
    for path in sorted((tree.root / TYPES).glob('*.cpp')):
        if f'config::ConstraintId::{setting},' in path.read_text(encoding='utf-8'):
            raise Refused(f'--setting {setting}: {TYPES}/{path.name} is its check')
    if setting in ids and (setting in tables[1]) != own:
        raise Refused(f'--setting {setting}: is ' + ('none' if own else 'one') +
                      ' of the runner\'s own ids')
    if setting in ids:
        if item is not None and item != ids[setting]:
            raise Refused(f'--type {item}: the setting {setting} exists, with {ids[setting]}')
        return setting, ids[setting]
    if item is None:
        raise Refused(f'--type is needed: {IDS} has no setting {setting} yet')
    if item in ids.values():
        owner = next(s for s, i in ids.items() if i == item)
        raise Refused(f'--type {item}: is the id of the setting {owner} already')
    last, last_id = list(tables[own].items())[-1]
    old = f'    X({last}, "{last_id}")\n'
    new = macro_row(old.strip()) + f'    X({setting}, "{item}")\n'
    for path, before, after in (
            (IDS, old, new),
            (SETTINGS_PAGE, page_row(last, last_id, own), page_row(setting, item, own)),
            (SETTINGS_EXAMPLE, example_row(last, last_id, own), example_row(setting, item, own))):
        text = tree.read(path)
        if text.count(before) != 1:
            raise Refused(f'{path}: the setting {last} is not where it was expected')
        tree.changed[path] = text.replace(before, after if path == IDS else before + after)
    return setting, item


def setting_name(setting, own):
    return f'{"ConstraintRunner" if own else "WBQualityConstraints"}{setting}Id'


def page_row(setting, item, own):
    return f'| `{setting_name(setting, own)}` | `{item}` |\n'


def example_row(setting, item, own):
    return f'#{setting_name(setting, own)} = "{item}"\n'


def plan(root, name, item, setting, summary, own=False):
    """The files that change or come into being, with their new texts. Writes nothing."""
    if not NAME.fullmatch(name) or len(name) > 40:
        raise Refused(f'{name!r} is no name for a check: lower-case words with hyphens between '
                      'them, such as "none-of"')
    summary = ' '.join(summary.split())
    if not summary.endswith('.') or len(summary) < 3 or len(summary) > 90:
        raise Refused('--summary: one sentence with a full stop, 90 characters at most')
    tree = Tree(root)
    word = name.replace('-', '_')
    if re.search(rf'^    X\({word}\)', tree.read(REGISTRY), re.M):
        raise Refused(f'the check {name} exists already')
    if (root / 'tests' / 'cases' / name).exists():
        raise Refused(f'tests/cases/{name} exists already')
    setting, item = constraint_id(tree, name, item, setting, own)
    texts = {'NAME': name, 'WORD': word, 'SETTING': setting, 'ITEM': item, 'SUMMARY': summary,
             'TITLE': name.replace('-', ' ').capitalize(), 'RULE': summary[0].lower() + summary[1:],
             'EXTRA': '    .extra = config::Extra::types,\n' if own else '',
             'OWN': 'own = true\n' if own else '',
             'OWNED': OWN_NOTE if own else ''}
    for template, path in (('check.cpp', f'{TYPES}/{word}.cpp'),
                           ('check.toml', f'tests/cases/{name}/check.toml'),
                           ('cases.toml', f'tests/cases/{name}/cases.toml'),
                           ('parameters.toml', f'tests/cases/{name}/parameters.toml'),
                           ('page.md', f'docs/checks/{name}.md')):
        text = (TEMPLATES / f'{template}.in').read_text(encoding='utf-8')
        tree.create(path, re.sub(r'@([A-Z]+)@', lambda m: texts[m[1]], text))
    add_to_registry(tree, word)
    add_sentence(tree, name, summary)
    tree.insert_sorted(BUILD, '# one file per constraint type\n', r"  'types/(\w+)\.cpp',",
                       f"  'types/{word}.cpp',\n", word, '  # what they share\n')
    tree.insert_sorted(INDEX, '\n', r'- \[([\w-]+)\]\(', f'- [{name}]({name}.md): '
                       f'{texts["RULE"].rstrip(".")}\n', name, '\n## ')
    return tree.changed


def carry_out(root, changes):
    """Writes all files; when one of them fails, all are as they were before."""
    before, folders = {}, []
    try:
        for path, text in changes.items():
            target = root / path
            before[target] = target.read_bytes() if target.exists() else None
            if not target.parent.exists():
                target.parent.mkdir()
                folders.append(target.parent)
            beside = target.with_name(target.name + '.new')
            try:
                beside.write_text(text, encoding='utf-8')
                os.replace(beside, target)
            finally:
                beside.unlink(missing_ok=True)
    except OSError:
        for target, content in before.items():
            if content is None:
                target.unlink(missing_ok=True)
            elif target.read_bytes() != content:
                target.write_bytes(content)
        for folder in folders:
            folder.rmdir()
        raise
