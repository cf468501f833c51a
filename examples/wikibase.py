# SPDX-License-Identifier: GPL-2.0-or-later
"""A small builder of Wikibase JSON: entities written in a line or two become documents as
Special:EntityData serves them. Hashes are left out (the runner computes them); statement ids are
made from the entity, the property and the position, so that they stay the same.

A value is written by its property's data type: 'Q3' · 'text' · '1883' or '1883-05-01' ·
12 or (12, 'm') or (12, 'm', 11, 13) with bounds · ('en', 'text') · (54.1, 7.9) ·
SOMEVALUE · NOVALUE."""
import uuid

NAMESPACE = uuid.UUID('6f1f2b0e-2d0a-4d5c-9a64-5c1f3f0a7e11')  # chosen once, for uuid5
CONCEPT_BASE = 'http://www.wikidata.org/entity/'
UNITS = {'m': 'Q11573', 'km': 'Q828224', 'ft': 'Q3710', 'kg': 'Q11570',
         'years': 'Q577'}
ENTITY_TYPES = {'Q': 'item', 'P': 'property', 'L': 'lexeme', 'M': 'mediainfo'}
VALUE_TYPES = {'wikibase-item': 'wikibase-entityid', 'wikibase-property': 'wikibase-entityid',
               'wikibase-lexeme': 'wikibase-entityid', 'string': 'string',
               'external-id': 'string', 'url': 'string', 'commonsMedia': 'string',
               'time': 'time', 'quantity': 'quantity', 'monolingualtext': 'monolingualtext',
               'globe-coordinate': 'globecoordinate'}


class Missing:
    def __init__(self, snak_type):
        self.snak_type = snak_type


SOMEVALUE, NOVALUE = Missing('somevalue'), Missing('novalue')


class S:
    """A statement that is more than a value: rank, qualifiers {property: value(s)}, and a list of
    references, each {property: value(s)}."""

    def __init__(self, value, qualifiers=None, references=(), rank='normal'):
        self.value, self.rank = value, rank
        self.qualifiers, self.references = qualifiers or {}, references


def as_list(values):
    return values if isinstance(values, list) else [values]


class Wiki:
    def __init__(self):
        self.datatypes = {}   # property id: data type
        self.entities = []    # documents, in the order in which they were written
        self.revision = 100

    # -- values -------------------------------------------------------------------------------

    def data_value(self, datatype, value):
        if datatype.startswith('wikibase-'):
            return {'entity-type': ENTITY_TYPES[value[0]], 'numeric-id': int(value[1:]),
                    'id': value}
        if datatype == 'time':
            parts = value.split('-')
            month, day = (parts[1:] + ['00', '00'])[:2]
            return {'time': f'+{parts[0]}-{month}-{day}T00:00:00Z', 'timezone': 0, 'before': 0,
                    'after': 0, 'precision': 8 + len(parts),
                    'calendarmodel': CONCEPT_BASE + 'Q1985727'}
        if datatype == 'quantity':
            amount, unit, *bounds = value if isinstance(value, tuple) else (value, None)
            result = {'amount': f'{amount:+}',
                      'unit': CONCEPT_BASE + UNITS[unit] if unit else '1'}
            if bounds:
                result['lowerBound'], result['upperBound'] = (f'{b:+}' for b in bounds)
            return result
        if datatype == 'monolingualtext':
            return {'language': value[0], 'text': value[1]}
        if datatype == 'globe-coordinate':
            return {'latitude': value[0], 'longitude': value[1], 'altitude': None,
                    'precision': 0.0001, 'globe': CONCEPT_BASE + 'Q2'}
        return value

    def snak(self, prop, value):
        datatype = self.datatypes[prop]
        snak = {'snaktype': 'value', 'property': prop}
        if isinstance(value, Missing):
            snak['snaktype'] = value.snak_type
        else:
            snak['datavalue'] = {'value': self.data_value(datatype, value),
                                 'type': VALUE_TYPES[datatype]}
        snak['datatype'] = datatype
        return snak

    def snaks(self, values):
        return {prop: [self.snak(prop, v) for v in as_list(vs)] for prop, vs in values.items()}

    def statements(self, entity, claims):
        result = {}
        for prop, values in claims.items():
            for number, value in enumerate(as_list(values)):
                s = value if isinstance(value, S) else S(value)
                guid = uuid.uuid5(NAMESPACE, f'{entity} {prop} {number}')
                statement = {'mainsnak': self.snak(prop, s.value), 'type': 'statement'}
                if s.qualifiers:
                    statement['qualifiers'] = self.snaks(s.qualifiers)
                    statement['qualifiers-order'] = list(s.qualifiers)
                statement |= {'id': f'{entity}${guid}', 'rank': s.rank}
                if s.references:
                    statement['references'] = [{'snaks': self.snaks(r), 'snaks-order': list(r)}
                                               for r in s.references]
                result.setdefault(prop, []).append(statement)
        return result

    # -- entities -----------------------------------------------------------------------------

    def _page(self, entity, namespace, title):
        self.revision += 1
        return {'pageid': self.revision - 100, 'ns': namespace, 'title': title,
                'lastrevid': self.revision, 'modified': '2026-05-01T12:00:00Z',
                'type': ENTITY_TYPES[entity[0]]}

    @staticmethod
    def _terms(terms):
        return {lang: {'language': lang, 'value': text} for lang, text in terms.items()}

    def declare(self, datatypes):
        """The data types of all properties, before any of them is used."""
        self.datatypes = dict(datatypes)

    def property(self, entity, label, claims=None, constraints=()):
        claims = dict(claims or {})
        if constraints:
            claims['P2302'] = list(constraints)
        self.entities.append(self._page(entity, 120, f'Property:{entity}') | {
            'datatype': self.datatypes[entity], 'id': entity,
            'labels': self._terms({'en': label}), 'descriptions': {}, 'aliases': {},
            'claims': self.statements(entity, claims)})

    def item(self, entity, label, claims=None, description=''):
        labels = label if isinstance(label, dict) else {'en': label}
        self.entities.append(self._page(entity, 0, entity) | {
            'id': entity, 'labels': self._terms(labels),
            'descriptions': self._terms({'en': description} if description else {}),
            'aliases': {}, 'claims': self.statements(entity, claims or {}), 'sitelinks': {}})

    def lexeme(self, entity, language_code, lemma, language, category, claims=None, forms=(),
               senses=()):
        """forms: (text, claims) · senses: (gloss, claims)"""
        page = self._page(entity, 146, f'Lexeme:{entity}') | {
            'id': entity, 'lemmas': self._terms({language_code: lemma}),
            'lexicalCategory': category, 'language': language,
            'claims': self.statements(entity, claims or {}), 'forms': [], 'senses': []}
        for number, (text, form_claims) in enumerate(forms, 1):
            form = f'{entity}-F{number}'
            page['forms'].append({
                'id': form, 'representations': self._terms({language_code: text}),
                'grammaticalFeatures': [], 'claims': self.statements(form, form_claims)})
        for number, (gloss, sense_claims) in enumerate(senses, 1):
            sense = f'{entity}-S{number}'
            page['senses'].append({'id': sense, 'glosses': self._terms({language_code: gloss}),
                                   'claims': self.statements(sense, sense_claims)})
        self.entities.append(page)

    def mediainfo(self, entity, file, caption, claims=None):
        self.entities.append(self._page(entity, 6, f'File:{file}') | {
            'id': entity, 'labels': self._terms({'en': caption}), 'descriptions': [],
            'statements': self.statements(entity, claims or {})})

    def redirect(self, entity, target):
        self.entities.append({'entity': entity, 'redirect': target})
