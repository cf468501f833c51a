# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes whole cases of what the case files say: reads the files, applies the cases of every-check/
to each check, and turns a case into the entities that the runner is given and the results that it
must give."""
import json
import tomllib
import uuid

import notation

NAMESPACE = uuid.UUID('0b9a7f44-96a8-4a52-8f0e-5a8f1b5f0f55')  # chosen once, for uuid5
CASE_KEYS = {'name', 'parameters', 'only-parameters', 'statements', 'expect', 'entity', 'labels',
             'datatype', 'now', 'settings', 'future', 'constraint-rank', 'others', 'rests-on',
             'language', 'descriptions', 'category', 'lexemes', 'redirects'}
EVERY_KEYS = CASE_KEYS | {'on', 'status', 'clarification', 'when', 'except-for', 'rank'}
CHECK_KEYS = {'type', 'contexts', 'default', 'entity-types', 'parameters', 'violates', 'complies',
              'datatype', 'deprecated', 'labels', 'entity', 'own', 'category', 'lexemes'}
LETTERS = {'item': 'Q', 'property': 'P', 'lexeme': 'L', 'form': 'L', 'sense': 'L',
           'mediainfo': 'M'}

ENTITY_TYPE_ITEMS = {'item': 'Q29934200', 'property': 'Q29934218', 'lexeme': 'Q51885771',
                     'form': 'Q54285143', 'sense': 'Q54285715', 'mediainfo': 'Q59712033'}
STORED = {'bad-parameters', 'violation', 'warning', 'suggestion'}
NOT_LOOKED_INTO = {'deprecated', 'not-in-scope', 'todo', 'exception'}


class BadCaseFile(Exception):
    """The text says where and what."""


def read_toml(path, allowed):
    try:
        with open(path, 'rb') as f:
            data = tomllib.load(f)
    except tomllib.TOMLDecodeError as e:
        raise BadCaseFile(f'{path}: {e}') from e
    for case in data.get('case', [data]):
        unknown = set(case) - allowed
        if unknown:
            raise BadCaseFile(f'{path}: unknown key {sorted(unknown)} in {case.get("name", "")!r}')
    return data


def claims_of(statements):
    claims = {}
    for statement in statements:
        claims.setdefault(statement.main['property'], []).append(statement.json())
    return claims


def lexeme(name, language, category):
    return {'id': name, 'type': 'lexeme', 'lemmas': {'en': {'language': 'en', 'value': 'word'}},
            'lexicalCategory': category, 'language': language, 'forms': [], 'senses': [],
            'claims': {}}


class Case:
    """One case: what the check's file and the case say together."""

    def __init__(self, check, name, data, number):
        self.name, self.check, self.number = f'{check.name}/{name}', check, number
        self.entity = data.get('entity', check.facts.get('entity', 'item'))
        letter = LETTERS[self.entity]
        self.page = f'{letter}{number + (500000 if letter == "P" else 0)}'
        suffix = {'form': '-F1', 'sense': '-S1'}.get(self.entity, '')
        self.subject, self.prop = self.page + suffix, f'P{number}'
        self.own = check.facts.get('own', False)
        self.settings = (*data.get('settings', ()), *(['extras'] if self.own else []))
        self.now = data.get('now', '2026-01-01T00:00:00Z')
        names = notation.Names(self.prop, self.subject, check.facts['type'])
        for i, letter in enumerate('ABCDE'):
            names.words[letter] = f'Q{number * 10 + i}'
        self.constraint_type = names.words['TYPE']
        self.constraint_id = f'{self.prop}${uuid.uuid5(NAMESPACE, "constraint" + self.name)}'
        try:
            self._build(data, names)
        except (ValueError, KeyError) as e:
            raise BadCaseFile(f'{self.name}: {e}') from e

    def _build(self, data, names):
        facts = self.check.facts
        self.labels = data.get('labels', facts.get('labels', []))
        self.datatype = data.get('datatype', facts.get('datatype', 'string'))
        parameters = data.get('only-parameters')
        if parameters is None:
            parameters = facts.get('parameters', []) + data.get('parameters', [])
        self.parameters = [notation.one_snak(p, names) for p in parameters]
        self.constraint = notation.one_snak('P2302 TYPE', names)
        self.rank = data.get('constraint-rank', 'normal')
        self.statements = [
            notation.Statement(text, names,
                               f'{self.subject}${uuid.uuid5(NAMESPACE, f"{self.name} {i}")}')
            for i, text in enumerate(data['statements'])]
        self.expected = [notation.Expected(text, names) for text in data['expect']]
        self.others = {
            names.entity(name): [
                notation.Statement(text, names, f'{names.entity(name)}${i}')
                for i, text in enumerate(texts)]
            for name, texts in data.get('others', {}).items()}
        self.redirects = {names.entity(name): names.entity(target)
                          for name, target in data.get('redirects', {}).items()}
        self.rests_on = [names.entity(name) for name in data.get('rests-on', [])]
        self.language = data.get('language', 'Q2')
        self.descriptions = data.get('descriptions', [])
        self.category = data.get('category', facts.get('category', 'Q1'))
        self.lexemes = facts.get('lexemes', {}) | data.get('lexemes', {})
        self.future = None
        if 'future' in data:
            self.future = notation.data_value(notation.Text(data['future'], names))['value']

    # -- what goes in -------------------------------------------------------------------------

    def documents(self):
        statement = {'mainsnak': self.constraint, 'type': 'statement', 'id': self.constraint_id,
                     'rank': self.rank}
        if self.parameters:
            statement['qualifiers'], statement['qualifiers-order'] = notation.grouped(
                self.parameters)
        prop = {'type': 'property', 'datatype': self.datatype, 'id': self.prop, 'labels': {},
                'descriptions': {}, 'aliases': {}, 'claims': {'P2302': [statement]}}
        others = [{'type': 'item', 'id': name, 'labels': {}, 'claims': claims_of(statements)}
                  for name, statements in self.others.items()]
        others += [lexeme(name, 'Q2', category) for name, category in self.lexemes.items()]
        others += [{'entity': name, 'redirect': target}
                   for name, target in self.redirects.items()]
        return [prop, self._page(), *others]

    def _page(self):
        claims = claims_of(self.statements)
        labels = {code: {'language': code, 'value': 'a label'} for code in self.labels}
        page = {'id': self.page, 'type': self.entity}
        if self.entity == 'mediainfo':
            return page | {'labels': labels, 'descriptions': {}, 'statements': claims}
        if self.entity in ('item', 'property'):
            descriptions = {code: {'language': code, 'value': 'a description'}
                            for code in self.descriptions}
            page |= {'labels': labels, 'descriptions': descriptions, 'aliases': {},
                     'claims': claims}
            return page | ({'sitelinks': {}} if self.entity == 'item' else {'datatype': 'string'})
        page |= lexeme(self.page, self.language, self.category)
        if self.entity == 'lexeme':
            page['claims'] = claims
        if self.entity == 'form':
            page['forms'] = [{'id': self.subject, 'representations': {},
                              'grammaticalFeatures': [], 'claims': claims}]
        elif self.entity == 'sense':
            page['senses'] = [{'id': self.subject, 'glosses': {}, 'claims': claims}]
        return page

    # -- what must come out -------------------------------------------------------------------

    def _cursor(self, expected):
        statement = self.statements[expected.numbers[0] - 1]
        cursor = {'t': {'main': 'statement'}.get(expected.where, expected.where),
                  'i': self.subject, 'p': statement.main['property'], 'g': statement.guid}
        one = statement.main
        if expected.where == 'qualifier':
            one = statement.qualifiers[expected.numbers[1] - 1]
        elif expected.where == 'reference':
            reference = statement.references[expected.numbers[1] - 1]
            one = reference[expected.numbers[2] - 1]
            cursor['r'] = notation.reference_hash(reference)
        cursor['h'] = notation.snak_hash(one)
        if one['property'] != self.prop:
            raise BadCaseFile(f'{self.name}: a result is expected where P does not stand')
        if expected.where != 'main':
            cursor['P'] = self.prop
        return cursor

    def results(self):
        out = [{'|': {'t': '\\entity', 'i': self.subject}, '0': 1}]
        for statement in self.statements:
            out.append({'|': {'t': 'statement', 'i': self.subject, 'g': statement.guid,
                              'p': statement.main['property'],
                              'h': notation.snak_hash(statement.main)}, '0': 1})
        for expected in self.expected:
            result = {'|': self._cursor(expected), 's': expected.status, 'CM': [],
                      'c': {'id': self.constraint_id, 'pid': self.prop,
                            'qid': self.constraint_type}}
            if expected.message:
                result['m'] = expected.message
            if expected.clarification:
                result['l'] = expected.clarification
            out.append(result)
        return out

    def dependencies(self):
        """The subject, and the property when any constraint of it was looked at in earnest."""
        for expected in self.expected:
            exception = expected.status == 'exception' or (
                expected.where == 'main' and expected.message
                and (expected.message['k'] == 'parameters-error-toolong'
                     or {'t': 'e', 'v': 'P2303', 'r': 'constraint-parameter-property'}
                     in expected.message['a']))
            if not exception:
                looked = any(e.status not in NOT_LOOKED_INTO for e in self.expected)
                return sorted({self.subject, self.prop, *(self.rests_on if looked else [])})
        return [self.subject]


class Check:
    """A folder of cases: check.toml says what holds for all of them."""

    def __init__(self, folder):
        self.folder, self.name = folder, folder.name
        self.facts = read_toml(folder / 'check.toml', CHECK_KEYS)
        self.contexts = {name: self.facts.get('contexts', {}).get(name, 'yes')
                         for name in notation.CONTEXTS}
        self.default = self.facts.get('default', list(notation.CONTEXTS))
        self.entity_types = self.facts.get('entity-types', list(LETTERS))

    def situation(self, name):
        """What `on` of a case in every-check/ names: "violates.qualifier". None if there is none.
        "anywhere.qualifier" is there for every check: P stands there, whatever its value."""
        kind, where = name.split('.')
        if kind == 'anywhere':
            place = {'main': 'P "x"', 'qualifier': 'P10 Q1 {P "x"}', 'reference': 'P10 Q1 <P "x">'}
            return {'statements': [place[where]], 'expect': [where + ' STATUS']}
        return self.facts.get(kind, {}).get(where)

    def holds(self, condition):
        """`qualifier is yes`, `reference is no or todo`, `default reference is no`, `lexeme is yes`"""
        if not condition:
            return True
        subject, _, answers = condition.rpartition(' is ')
        if subject == 'deprecated':
            answer = self.facts.get('deprecated', 'not checked')
        elif subject.startswith('default '):
            answer = 'yes' if subject[8:] in self.default else 'no'
        elif subject in self.contexts:
            answer = self.contexts[subject]
        elif subject in LETTERS:
            answer = 'yes' if subject in self.entity_types else 'no'
        else:
            raise BadCaseFile(f'when = "{condition}" is not understood')
        return answer in answers.split(' or ')


def every_check_cases(check, templates):
    """The cases of every-check/ as they read for one check."""
    for file, template in templates:
        if check.name in template.get('except-for', []):
            continue
        conditions = template.get('when', [])
        if not all(check.holds(c) for c in conditions):
            continue
        on = template['on']
        for name in on if isinstance(on, list) else [on]:
            situation = check.situation(name)
            if situation is None:
                continue
            case = {k: v for k, v in situation.items()}
            case |= {k: v for k, v in template.items() if k in CASE_KEYS}
            case['parameters'] = situation.get('parameters', []) + template.get('parameters', [])
            case['expect'] = [expectation(line, check, template) for line in situation['expect']]
            if template.get('expect') == ['nothing']:
                case['expect'] = []
            if template.get('rank') == 'deprecated':
                case['statements'] = [situation['statements'][0] + ' deprecated',
                                      *situation['statements'][1:]]
            yield f'{file}: {template["name"]} ({name})', case


def expectation(line, check, template):
    where, _, rest = line.partition(' ')
    if 'expect' in template:
        scopes = ' '.join(c for c in notation.CONTEXTS if check.contexts[c] != 'no')
        types = ' '.join(ENTITY_TYPE_ITEMS[t] for t in check.entity_types)
        rest = template['expect'][0].replace('SUPPORTED-TYPES', types).replace('SUPPORTED', scopes)
    else:
        rest = rest.replace('STATUS', template.get('status', 'warning'))
    if 'clarification' in template:
        rest += ' | ' + template['clarification']
    return f'{where} {rest}'


def own_cases(check):
    for path in sorted(check.folder.glob('*.toml')):
        if path.name == 'check.toml':
            continue
        for case in read_toml(path, CASE_KEYS).get('case', []):
            yield f'{path.stem}: {case["name"]}', case


def all_cases(root):
    """Every case of every check, with numbers of their own."""
    templates = [(path.stem, case) for path in sorted((root / 'every-check').glob('*.toml'))
                 for case in read_toml(path, EVERY_KEYS)['case']]
    cases = []
    for file in sorted(root.glob('*/check.toml')):
        check = Check(file.parent)
        names = set()
        for name, data in [*own_cases(check), *every_check_cases(check, templates)]:
            if name in names:
                raise BadCaseFile(f'{file.parent}: there are two cases "{name}"')
            names.add(name)
            cases.append(Case(check, name, data, 100001 + len(cases)))
    return cases


def write_documents(cases, path):
    with open(path, 'w', encoding='utf-8') as f:
        for case in cases:
            for document in case.documents():
                f.write(json.dumps(document, ensure_ascii=False) + '\n')
