# SPDX-License-Identifier: GPL-2.0-or-later
"""The short notation of the case files: how values, snaks, statements and expected results are
written, and what they mean. README.md explains it with examples."""
import hashlib
import json
import re

BASE = 'http://www.wikidata.org/entity/'
CALENDARS = {'gregorian': BASE + 'Q1985727', 'julian': BASE + 'Q1985786'}
ENTITY_TYPES = {'Q': 'item', 'P': 'property', 'L': 'lexeme', 'F': 'form', 'S': 'sense',
                'M': 'mediainfo'}
ID_CLASSES = {'Q': 'Wikibase\\DataModel\\Entity\\ItemId',
              'P': 'Wikibase\\DataModel\\Entity\\NumericPropertyId',
              'L': 'Wikibase\\Lexeme\\Domain\\Model\\LexemeId',
              'F': 'Wikibase\\Lexeme\\Domain\\Model\\FormId',
              'S': 'Wikibase\\Lexeme\\Domain\\Model\\SenseId',
              'M': 'Wikibase\\MediaInfo\\DataModel\\MediaInfoId'}
ROLES = {'subject': 'subject', 'predicate': 'predicate', 'object': 'object',
         'property': 'constraint-property', 'qualifier': 'qualifier-predicate',
         'parameter': 'constraint-parameter-property',
         'parameter-value': 'constraint-parameter-value', 'type': 'constraint-type-item'}
CONTEXTS = ('statement', 'qualifier', 'reference')

ID = r'[QPLME]\d+(?:-[FS]\d+)?'
DECIMAL = r'[+-]?\d+(?:\.\d+)?'
TIME = re.compile(r'([+-]\d{1,16}-(\d\d)-(\d\d))(T\d\d:\d\d:\d\dZ)?(?:/(\d+))?(?: (julian))?')
QUANTITY = re.compile(rf'({DECIMAL})(?:~({DECIMAL})\.\.({DECIMAL}))?(?:\[(Q\d+)\])?')
GLOBE = re.compile(r'@(-?[\d.]+),(-?[\d.]+)')
MONOLINGUAL = re.compile(r'([a-z-]+):(?=")')


class Names:
    """What the words P, SUBJECT, TYPE and A to E (items of the case) stand for in one case."""

    def __init__(self, prop, subject, constraint_type):
        self.words = {'P': prop, 'SUBJECT': subject, 'TYPE': constraint_type}

    def entity(self, text):
        text = self.words.get(text, text)
        if not re.fullmatch(ID, text):
            raise ValueError(f'"{text}" is no entity id')
        return text


class Raw(dict):
    """A value that is given as JSON."""


class Text:
    """A text that is read from its beginning."""

    def __init__(self, text, names):
        self.text, self.at, self.names = text, 0, names

    def fail(self, wanted):
        raise ValueError(f'{wanted} expected at "{self.text[self.at:]}" in "{self.text}"')

    def spaces(self):
        while self.at < len(self.text) and self.text[self.at] in ' \n,':
            self.at += 1

    def take(self, pattern):
        """The match of a pattern here, or None; spaces and commas before it are passed."""
        self.spaces()
        match = re.compile(pattern).match(self.text, self.at)
        if match:
            self.at = match.end()
        return match

    def json(self):
        value, self.at = json.JSONDecoder().raw_decode(self.text, self.at)
        return value

    def done(self):
        self.spaces()
        return self.at == len(self.text)

    def need(self, pattern, wanted):
        return self.take(pattern) or self.fail(wanted)


def kind(entity_id):
    return entity_id.split('-')[1][0] if '-' in entity_id else entity_id[0]


def entity_value(entity_id):
    if entity_id[0] == 'E':
        return {'value': {'id': entity_id, 'entity-type': 'entity-schema'},
                'type': 'wikibase-entityid'}
    value = {'entity-type': ENTITY_TYPES[kind(entity_id)]}
    if '-' not in entity_id:
        value['numeric-id'] = int(entity_id[1:])
    return {'value': value | {'id': entity_id}, 'type': 'wikibase-entityid'}


def decimal(text):
    return text if text[0] in '+-' else '+' + text


def data_value(text):
    """One value as JSON, or one of the words somevalue and novalue."""
    text.spaces()
    word = text.take(r'(somevalue|novalue)\b')
    if word:
        return word[1]
    if text.take(r'!(?=\{)'):  # any JSON, for values that Wikibase can't read
        return Raw(text.json())
    if text.text.startswith('"', text.at):
        return {'value': text.json(), 'type': 'string'}
    if match := text.take(MONOLINGUAL.pattern):
        return {'value': {'text': text.json(), 'language': match[1]}, 'type': 'monolingualtext'}
    if match := text.take(TIME.pattern):
        precision = int(match[5] or (9 if match[2] == '00' else 10 if match[3] == '00' else 11))
        return {'value': {'time': match[1] + (match[4] or 'T00:00:00Z'), 'timezone': 0,
                          'before': 0, 'after': 0, 'precision': precision,
                          'calendarmodel': CALENDARS[match[6] or 'gregorian']}, 'type': 'time'}
    if match := text.take(GLOBE.pattern):
        return {'value': {'latitude': float(match[1]), 'longitude': float(match[2]),
                          'altitude': None, 'precision': 0.5, 'globe': BASE + 'Q2'},
                'type': 'globecoordinate'}
    if match := text.take(QUANTITY.pattern):
        value = {'amount': decimal(match[1]), 'unit': BASE + match[4] if match[4] else '1'}
        if match[2]:
            value |= {'upperBound': decimal(match[3]), 'lowerBound': decimal(match[2])}
        return {'value': value, 'type': 'quantity'}
    match = text.need(rf'({ID}|P|SUBJECT|TYPE|[A-E])(?![\w-])', 'a value')
    return entity_value(text.names.entity(match[1]))


def snak(text):
    """A property and a value: `P5 "text"`."""
    prop = text.names.entity(text.need(r'(P\d*)(?= )', 'a property')[1])
    value = data_value(text)
    result = {'snaktype': 'value', 'property': prop}
    if isinstance(value, str):
        result['snaktype'] = value
    else:
        result['datavalue'] = value
    return result


def snaks(text, end):
    result = []
    while not text.take(end):
        result.append(snak(text))
    return result


def one_snak(string, names):
    text = Text(string, names)
    result = snak(text)
    return result if text.done() else text.fail('the end')


class Statement:
    """`P5 "main" {P6 Q1, P7 novalue} <P8 "of a reference"> deprecated`"""

    def __init__(self, string, names, guid):
        text = Text(string, names)
        self.main, self.guid = snak(text), guid
        self.qualifiers = snaks(text, r'\}') if text.take(r'\{') else []
        self.references = []
        while text.take('<'):
            self.references.append(snaks(text, '>'))
        self.rank = (text.take('(deprecated|preferred)') or [0, 'normal'])[1]
        if not text.done():
            text.fail('the end')

    def json(self):
        result = {'mainsnak': self.main, 'type': 'statement', 'id': self.guid, 'rank': self.rank}
        if self.qualifiers:
            result['qualifiers'], result['qualifiers-order'] = grouped(self.qualifiers)
        if self.references:
            result['references'] = []
            for reference in self.references:
                by_property, order = grouped(reference)
                result['references'].append({'snaks': by_property, 'snaks-order': order})
        return result


def grouped(snak_list):
    by_property = {}
    for one in snak_list:
        by_property.setdefault(one['property'], []).append(one)
    return by_property, list(by_property)


# -- expected results -------------------------------------------------------------------------

def bracketed(text, read):
    text.need(r'\[', '[')
    result = []
    while not text.take(r'\]'):
        result.append(read(text))
    return result


def item_or_not(text):
    word = text.take(r'(somevalue|novalue)\b')
    return '::' + word[1] if word else text.names.entity(text.need(rf'{ID}|[A-E]\b', 'an item')[0])


def an_id(text):
    return text.names.entity(text.need(r'[\w-]+', 'an id')[0])


def language(text):
    return text.need(r'[\w-]+', 'a language')[0]


def context_letter(text):
    return text.need('(' + '|'.join(CONTEXTS) + r')\b', 'a context')[0][0]


def monolingual(text):
    value = data_value(text)
    return value['value']


ARGUMENTS = {  # word: letter, one value or many, reader
    'item:': ('i', False, item_or_not), 'items:': ('I', True, item_or_not),
    'value:': ('v', False, data_value), 'type:': ('t', False, language),
    'code:': ('c', False, lambda text: text.json()),
    'scope:': ('s', False, context_letter), 'scopes:': ('S', True, context_letter),
    'used-as:': ('p', False, context_letter), 'used-as-any:': ('P', True, context_letter),
    'language:': ('l', False, language), 'languages:': ('L', True, language),
    'texts:': ('m', True, monolingual),
}


def argument(text):
    word = text.take('(' + '|'.join(ARGUMENTS) + ')')
    if word:
        letter, many, read = ARGUMENTS[word[1]]
    else:
        text.spaces()
        many = text.text.startswith('[', text.at)
        letter, read = 'E' if many else 'e', an_id
    value = bracketed(text, read) if many else read(text)
    role = text.text[text.at:text.at + 1] == '@' and text.take(r'@([a-z-]+)')
    return {'t': letter, 'v': value, 'r': ROLES[role[1]] if role else None}


class Expected:
    """`qualifier2.1 warning one-of P@predicate items:[Q1 novalue]@object | en:"why"`"""

    def __init__(self, string, names):
        text = Text(string, names)
        where = text.need(r'(main|qualifier|reference)([\d.]*)(?= )', 'a context')
        numbers = [int(n) for n in where[2].split('.') if n]
        wanted = {'main': 1, 'qualifier': 2, 'reference': 3}[where[1]]
        self.where = where[1]
        self.numbers = numbers + [1] * (wanted - len(numbers))
        self.status = text.need(r'[a-z-]+', 'a status')[0]
        self.message = self.clarification = None
        key = text.take(r'[A-Za-z0-9-]+')
        if key:
            self.message = {'k': key[0], 'a': []}
            while not text.done() and not text.take(r'\|'):
                self.message['a'].append(argument(text))
        elif not text.done():
            text.need(r'\|', 'a message key or |')
        if not text.done():
            self.clarification = []
            while not text.done():
                self.clarification.append(monolingual(text))


# -- Wikibase's hashes ------------------------------------------------------------------------

def php(class_name, content):
    return f'C:{len(class_name)}:"{class_name}":{len(content.encode())}:{{{content}}}'


def php_string(text):
    return f's:{len(text.encode())}:"{text}";'


def php_decimal(text):
    return php('DataValues\\DecimalValue', php_string(text))


def json_like_php(value):
    return json.dumps(value, separators=(',', ':'), ensure_ascii=False).replace('/', '\\/')


def php_value(data):
    value, name = data['value'], data['type']
    if name == 'string':
        return php('DataValues\\StringValue', value)
    if name == 'wikibase-entityid':
        return php('Wikibase\\DataModel\\Entity\\EntityIdValue',
                   php(ID_CLASSES[kind(value['id'])], value['id']))
    if name == 'monolingualtext':
        return php('DataValues\\MonolingualTextValue',
                   f'a:2:{{i:0;{php_string(value["language"])}i:1;{php_string(value["text"])}}}')
    if name == 'time':
        return php('DataValues\\TimeValue', json_like_php(
            [value[k] for k in ('time', 'timezone', 'before', 'after', 'precision',
                                'calendarmodel')]))
    if name == 'quantity':
        start = f'i:0;{php_decimal(value["amount"])}i:1;{php_string(value["unit"])}'
        if 'upperBound' not in value:
            return php('DataValues\\UnboundedQuantityValue', f'a:2:{{{start}}}')
        return php('DataValues\\QuantityValue', f'a:4:{{{start}i:2;{php_decimal(value["upperBound"])}'
                   f'i:3;{php_decimal(value["lowerBound"])}}}')
    raise KeyError(name)


def snak_hash(one):
    """None for a value whose serialization is not known here."""
    names = {'somevalue': 'PropertySomeValueSnak', 'novalue': 'PropertyNoValueSnak',
             'value': 'PropertyValueSnak'}
    content = one['property']
    if one['snaktype'] == 'value':
        if isinstance(one['datavalue'], Raw):
            return None
        try:
            content = f'a:2:{{i:0;{php_string(content)}i:1;{php_value(one["datavalue"])}}}'
        except KeyError:
            return None
    name = 'Wikibase\\DataModel\\Snak\\' + names[one['snaktype']]
    return hashlib.sha1(php(name, content).encode()).hexdigest()


def reference_hash(snak_list):
    hashes = [snak_hash(one) for one in snak_list]
    if None in hashes:
        return None
    return hashlib.sha1('|'.join(sorted(hashes)).encode()).hexdigest()
