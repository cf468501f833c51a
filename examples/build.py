#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes examples/sample.ndjson: the wiki of an invented coast, its lighthouses, keepers and boats.

The properties and constraint types have Wikidata's ids, since WBQC's defaults refer to them; the
items are this coast's own. Between them the entities below bring out every status that a check can
have, and a comment says where something is wrong on purpose.

usage: examples/build.py            writes examples/sample.ndjson
       examples/build.py --check    exit status 1 when the file is not what this program makes
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
# pylint: disable=wrong-import-position
from wikibase import NOVALUE, SOMEVALUE, S, Wiki

# -- the words of constraint statements (property P2302) --------------------------------------

MANDATORY, SUGGESTION = {'P2316': 'Q21502408'}, {'P2316': 'Q62026391'}
ON_MAIN_VALUE, ON_QUALIFIERS = {'P4680': 'Q46466787'}, {'P4680': 'Q46466783'}
AS_MAIN_VALUE, AS_QUALIFIER, AS_REFERENCE = 'Q54828448', 'Q54828449', 'Q54828450'
ITEM, LEXEME, FORM, SENSE, MEDIAINFO = ('Q29934200', 'Q51885771', 'Q54285143', 'Q54285715',
                                        'Q59712033')
NOW = SOMEVALUE  # "some value" as a date limit means now; "no value" means no limit


def constraint(constraint_type, *parts):
    """Each part is {property: value or values}: a parameter, a status, a scope."""
    qualifiers = {}
    for part in parts:
        qualifiers |= part
    return S(constraint_type, qualifiers)


# without parameters of their own
def single_value(*more): return constraint('Q19474404', *more)
def single_best_value(*more): return constraint('Q52060874', *more)
def multi_value(*more): return constraint('Q21510857', *more)
def distinct_values(*more): return constraint('Q21502410', *more)
def integer(*more): return constraint('Q52848401', *more)
def no_bounds(*more): return constraint('Q51723761', *more)
def citation_needed(*more): return constraint('Q54554025', *more)
def only_as_qualifier(*more): return constraint('Q21510863', *more)
def only_as_reference(*more): return constraint('Q21528959', *more)
def only_as_value(*more): return constraint('Q21528958', *more)


# with one
def one_of(*more, items): return constraint('Q21510859', {'P2305': items}, *more)
def none_of(*more, items): return constraint('Q52558054', {'P2305': items}, *more)
def units(*more, allowed): return constraint('Q21514353', {'P2305': allowed}, *more)
def entity_types(*more, allowed): return constraint('Q52004125', {'P2305': allowed}, *more)
def format_is(*more, pattern): return constraint('Q21502404', {'P1793': pattern}, *more)
def scope(*more, places): return constraint('Q53869507', {'P5314': places}, *more)
def label_in(*more, language): return constraint('Q108139345', {'P424': language}, *more)
def qualifier_needed(*more, prop): return constraint('Q21510856', {'P2306': prop}, *more)
def only_qualifiers(*more, props): return constraint('Q21510851', {'P2306': props}, *more)


def on_commons(*more, namespace): return constraint('Q21510852', {'P2307': namespace}, *more)


def conflicts_with(*more, prop, items=None):
    return constraint('Q21502838', {'P2306': prop}, {'P2305': items} if items else {}, *more)


def requires(*more, prop, items=None):
    return constraint('Q21503247', {'P2306': prop}, {'P2305': items} if items else {}, *more)


def amount_between(*more, low, high):
    return constraint('Q21510860', {'P2313': low, 'P2312': high}, *more)


def date_between(*more, low, high):
    return constraint('Q21510860', {'P2310': low, 'P2311': high}, *more)


def years_after(*more, prop, low, high):
    return constraint('Q21510854', {'P2306': prop, 'P2313': low, 'P2312': high}, *more)


# -- data types of all properties -------------------------------------------------------------

THING, TIME, NUMBER, STRING = 'wikibase-item', 'time', 'quantity', 'string'
PLAIN = {  # properties without constraints: some values, and the parameters of constraints
    'P279': ('subclass of', THING),
    'P17': ('country', THING),
    'P50': ('author', THING),
    'P625': ('coordinate location', 'globe-coordinate'),
    'P424': ('Wikimedia language code', STRING),
    'P1793': ('format as a regular expression', STRING),
    'P2302': ('property constraint', THING),
    'P2303': ('exception to constraint', THING),
    'P2305': ('item of property constraint', THING),
    'P2306': ('property', 'wikibase-property'),
    'P2310': ('minimum date', TIME),
    'P2311': ('maximum date', TIME),
    'P2312': ('maximum value', NUMBER),
    'P2307': ('Wikimedia Commons namespace', STRING),
    'P1340': ('eye colour', THING),
    'P2313': ('minimum value', NUMBER),
    'P2316': ('constraint status', THING),
    'P2916': ('syntax clarification', 'monolingualtext'),
    'P4155': ('separator', 'wikibase-property'),
    'P4680': ('constraint scope', THING),
    'P5314': ('property scope', THING),
    'P6607': ('constraint clarification', 'monolingualtext'),
    'P6824': ('replacement property', 'wikibase-property'),
}
DATATYPES = {'P31': THING, 'P131': THING, 'P137': THING, 'P1308': THING, 'P462': THING,
             'P571': TIME, 'P576': TIME, 'P580': TIME, 'P582': TIME, 'P585': TIME,
             'P2048': NUMBER, 'P2923': NUMBER, 'P1174': NUMBER, 'P1114': NUMBER,
             'P1030': STRING, 'P3562': 'external-id', 'P281': STRING,
             'P18': 'commonsMedia', 'P1705': 'monolingualtext', 'P854': 'url', 'P248': THING, 'P973': 'url',
             'P5831': 'monolingualtext', 'P180': THING}

LIGHTHOUSE, LIGHTSHIP, PERSON, VILLAGE, HARBOUR, BOAT, BOOK = (
    'Q101', 'Q102', 'Q103', 'Q104', 'Q105', 'Q106', 'Q107')
WHITE, RED, GREEN, PLAID = 'Q111', 'Q112', 'Q113', 'Q114'
COUNTRY, COAST_GUARD, ALMANAC = 'Q120', 'Q121', 'Q122'
METRE, FOOT = 'Q11573', 'Q3710'


def properties(wiki):
    wiki.declare({p: datatype for p, (_, datatype) in PLAIN.items()} | DATATYPES)
    for prop, (label, _) in PLAIN.items():
        wiki.property(prop, label)

    # left to do as long as commons_api names no API to ask
    wiki.property('P18', 'image', constraints=[on_commons(namespace='File')])
    wiki.property('P31', 'instance of', constraints=[
        scope(MANDATORY, places=[AS_MAIN_VALUE, AS_QUALIFIER]),
        none_of({'P6607': ('en', 'name the kind of thing, not the thing')},
                items=[COUNTRY, PLAID])])
    wiki.property('P131', 'located in', constraints=[
        requires(prop='P17', items=COUNTRY), single_best_value(SUGGESTION),
        entity_types(MANDATORY, allowed=[ITEM, MEDIAINFO])])
    wiki.property('P137', 'operator', constraints=[
        conflicts_with(prop='P31', items=[PERSON]), single_value(SUGGESTION)])
    wiki.property('P1308', 'keeper', constraints=[
        only_qualifiers(props=['P580', 'P582', 'P1114']),
        qualifier_needed(prop='P580'), multi_value(SUGGESTION)])
    wiki.property('P462', 'colour', constraints=[
        one_of(MANDATORY, items=[WHITE, RED, GREEN]),
        conflicts_with({'P6824': 'P1340'}, prop='P31', items=[PERSON])])
    wiki.property('P571', 'first lit', constraints=[
        date_between(MANDATORY, low='1600', high=NOW), single_best_value(),
        citation_needed(SUGGESTION)])
    wiki.property('P576', 'extinguished', constraints=[
        years_after(prop='P571', low=(0, 'years'), high=(300, 'years')),
        requires(prop='P571'), single_value()])
    wiki.property('P580', 'since', constraints=[only_as_qualifier(MANDATORY)])
    wiki.property('P582', 'until', constraints=[
        scope(places=[AS_QUALIFIER]), date_between(ON_QUALIFIERS, low='1600', high=NOW)])
    wiki.property('P585', 'point in time', constraints=[
        scope(places=[AS_QUALIFIER, AS_REFERENCE])])
    wiki.property('P2048', 'height', constraints=[
        units(MANDATORY, allowed=[METRE, FOOT]), single_value({'P4155': 'P585'}),
        amount_between(low=(1, 'm'), high=(150, 'm'))])
    wiki.property('P2923', 'focal height', constraints=[
        units(allowed=[METRE]), no_bounds(SUGGESTION),
        amount_between(ON_MAIN_VALUE, low=(1, 'm'), high=NOVALUE)])
    wiki.property('P1174', 'visitors per year', constraints=[
        integer(MANDATORY), units(allowed=NOVALUE), citation_needed(),
        qualifier_needed(MANDATORY, {'P2303': 'Q7'}, prop='P585')])  # Q7: an exception
    wiki.property('P1114', 'number of steps', constraints=[integer(), no_bounds(),
                                                           units(allowed=NOVALUE)])
    wiki.property('P1030', 'light characteristic', constraints=[
        format_is({'P2916': ('en', 'kind of light, colour, period: Fl(2) W 10s')},
                  pattern=r'(F|Fl|Oc|Iso|Q|Mo)(\([0-9A-Z+]+\))? [WRG]+( \d+(\.\d)?s)?'),
        only_as_value()])
    # a good pattern, and one that somebody forgot to write: bad parameters
    wiki.property('P3562', 'list of lights number', constraints=[
        format_is(MANDATORY, pattern=r'[A-Z]\d{4}(\.\d{1,2})?'), single_value(MANDATORY),
        distinct_values(), constraint('Q21502404', SUGGESTION)])
    # a careless pattern that would try for ever on some inputs, were there no limit
    wiki.property('P281', 'postal code', constraints=[format_is(pattern=r'([A-Z]+)*\d')])
    wiki.property('P1705', 'native name', constraints=[
        label_in(language='en'), label_in(SUGGESTION, language='frr')])
    wiki.property('P854', 'reference URL', constraints=[
        only_as_reference(MANDATORY), format_is(pattern=r'https?://\S+')])
    wiki.property('P248', 'stated in', constraints=[scope(places=[AS_REFERENCE])])
    wiki.property('P973', 'described at URL', constraints=[
        only_as_value(), format_is(ON_MAIN_VALUE, pattern=r'https://\S+')])
    wiki.property('P5831', 'usage example', constraints=[
        entity_types(MANDATORY, allowed=[LEXEME, FORM, SENSE])])
    wiki.property('P180', 'depicts', constraints=[entity_types(allowed=[MEDIAINFO])])


# -- the coast --------------------------------------------------------------------------------

def sourced(value, **more):
    """A statement with a reference to the almanac."""
    return S(value, references=[{'P248': ALMANAC, 'P585': '2019'}], **more)


def in_country(village):
    return {'P131': village, 'P17': COUNTRY}


def things(wiki):
    for item, label in [(LIGHTHOUSE, 'lighthouse'), (LIGHTSHIP, 'lightship'), (PERSON, 'person'),
                        (VILLAGE, 'village'), (HARBOUR, 'harbour'), (BOAT, 'pilot boat'),
                        (BOOK, 'almanac'), (WHITE, 'white'), (RED, 'red'), (GREEN, 'green'),
                        (PLAID, 'plaid')]:
        wiki.item(item, label)
    wiki.item(LIGHTSHIP + '0', 'floating light', {'P279': LIGHTSHIP})
    wiki.item(COUNTRY, 'Halligland', {'P31': 'Q123'}, 'a country of low islands')
    wiki.item('Q123', 'country')
    wiki.item(COAST_GUARD, 'Halligland Lights Office', {'P31': 'Q124', 'P17': COUNTRY})
    wiki.item('Q124', 'public office')
    wiki.item(ALMANAC, 'Almanac of the Northern Lights', {'P31': BOOK, 'P50': 'Q11'})

    # everything in order
    wiki.item('Q1', {'en': 'Gull Point Light', 'frr': 'Kubfeedel'}, in_country('Q20') | {
        'P31': LIGHTHOUSE, 'P571': sourced('1874-09-01'), 'P462': [WHITE, RED],
        'P2048': (27, 'm'), 'P2923': (41, 'm'), 'P1114': 132, 'P1030': 'Fl(2) W 10s',
        'P3562': 'B1204', 'P18': 'Gull Point at dusk.jpg', 'P1705': ('frr', 'Kubfeedel'), 'P137': COAST_GUARD,
        'P1308': [S('Q10', {'P580': '1874', 'P582': '1901'}),
                  S('Q11', {'P580': '1901', 'P582': '1933'})],
        'P1174': S(8200, {'P585': '2024'}, [{'P854': 'https://gull-point.example/visits'}]),
        'P625': (54.6312, 8.3821)}, 'lighthouse on the western cape')
    # extinguished before it was lit; a paint that no lighthouse has; two numbers in the list
    wiki.item('Q2', 'Old Reedsand Light', in_country('Q21') | {
        'P31': LIGHTHOUSE, 'P571': '1912', 'P576': '1899-05-12', 'P462': [WHITE, PLAID],
        'P2048': (34, 'm'), 'P1030': 'Oc WRG 6s', 'P3562': ['B1210', 'B1211']})
    # taller than any lighthouse; a characteristic in words; measured twice, but told apart
    wiki.item('Q3', 'Breakwater Light', in_country('Q20') | {
        'P31': LIGHTHOUSE, 'P571': sourced('1958'), 'P1030': 'flashes twice, then waits',
        'P2048': [S((412, 'm'), {'P585': '1958'}), S((12, 'm'), {'P585': '1999'})],
        'P3562': 'B12-7'})
    # a light of the future; height in kilograms; half a visitor, and nobody says when or where from
    wiki.item('Q4', 'New Harbour Light', in_country('Q22') | {
        'P31': LIGHTHOUSE, 'P571': '2190', 'P2048': (5200, 'kg'), 'P1174': 1200.5,
        'P2923': (18, 'm', 17, 19), 'P1114': (64, None, 63, 65), 'P3562': 'B1222.1'})
    # two lights with one number: each result names the other
    wiki.item('Q9', 'New Harbour Rear Light', in_country('Q22') | {
        'P31': LIGHTHOUSE, 'P571': sourced('1966'), 'P3562': 'B1222.1'})
    # feet are fine for the height and not for the focal height
    wiki.item('Q5', 'Skerry Beacon', {
        'P31': LIGHTHOUSE, 'P131': 'Q21', 'P2048': (66, 'ft'), 'P2923': (90, 'ft'),
        'P1030': 'Q R', 'P137': [COAST_GUARD, 'Q11']})  # no country; two operators
    # a date outside the almanac; the wrong number is kept, but deprecated
    wiki.item('Q6', 'Drowned Church Light', in_country('Q21') | {
        'P31': LIGHTHOUSE, 'P571': [sourced('1588'), S('1688', rank='preferred')],
        'P576': [S('1990', rank='deprecated'), '1720'], 'P3562': [
            'B1230', S('B1231', rank='deprecated')]})
    # the exception of "visitors per year": nobody knows of which year the figure is
    wiki.item('Q7', 'Lantern Museum', in_country('Q22') | {
        'P31': LIGHTHOUSE, 'P1174': sourced(15400), 'P281': 'ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGH'})
    # a lightship, with the postal code of its office
    wiki.item('Q8', 'Lightship Amrum Bank', {
        'P31': LIGHTSHIP, 'P462': RED, 'P571': SOMEVALUE, 'P576': NOVALUE, 'P281': 'HA7',
        'P1030': 'Iso W 8s', 'P973': 'http://lightship.example/amrum-bank'})
    # keepers: a person has no colour and is no operator's operator; "since" stands alone
    wiki.item('Q10', 'Ingke Petersen', {'P31': PERSON, 'P462': GREEN, 'P580': '1874'})
    wiki.item('Q11', 'Boy Hansen', {'P31': PERSON, 'P137': COAST_GUARD,
                                    'P854': 'https://hansen.example'})
    wiki.item('Q12', 'Keeper of two lights', {'P31': [PERSON, COUNTRY]})  # no kind of thing
    # keepers without dates, and a qualifier that does not belong there
    wiki.item('Q13', 'Windmill Light', in_country('Q22') | {
        'P31': LIGHTHOUSE, 'P1308': [S('Q12', {'P462': WHITE}), S('Q10', {'P580': '1910',
                                                                       'P582': '2222'})],
        'P1030': S('Fl W 5s', {'P1030': 'F R'}), 'P1705': ('frr', 'Mälen')})
    # villages and a harbour
    wiki.item('Q20', 'Westerende', {'P31': VILLAGE, 'P17': COUNTRY, 'P281': 'HA1'})
    wiki.item('Q21', 'Reedsand', {'P31': VILLAGE, 'P17': COUNTRY, 'P281': 'HA2',
                                  'P5831': ('en', 'We sailed to Reedsand.')})  # not on an item
    wiki.item('Q22', {'frr': 'Naihuuwen'}, {'P31': HARBOUR, 'P17': COUNTRY,
                                            'P1705': ('frr', 'Naihuuwen')})  # no English label
    wiki.item('Q23', 'Pilot boat Lotte', {
        'P31': BOAT, 'P571': S('1961', references=[{'P131': 'Q22', 'P854': 'see the office'}]),
        'P248': ALMANAC, 'P180': 'Q22'})  # a source that is no source; depicts is for files
    wiki.item('Q24', 'An empty page')
    wiki.redirect('Q25', 'Q3')  # merged

    wiki.lexeme('L1', 'en', 'lighthouse', 'Q130', 'Q131', {'P5831': (
        'en', 'The lighthouse went dark.'), 'P31': LIGHTHOUSE}, forms=[
            ('lighthouse', {'P1705': ('en', 'lighthouse')}), ('lighthouses', {})],
        senses=[('a tower with a light that guides ships', {'P462': PLAID})])
    wiki.item('Q130', 'English')
    wiki.item('Q131', 'noun')
    wiki.mediainfo('M1', 'Gull Point at dusk.jpg', 'Gull Point Light at dusk', {
        'P180': 'Q1', 'P571': '2031-01-01', 'P131': 'Q20', 'P137': COAST_GUARD})


def build():
    wiki = Wiki()
    properties(wiki)
    things(wiki)
    return ''.join(json.dumps(e, ensure_ascii=False, separators=(',', ':')) + '\n'
                   for e in wiki.entities)


def main():
    path = pathlib.Path(__file__).with_name('sample.ndjson')
    text = build()
    if sys.argv[1:] == ['--check']:
        same = path.exists() and path.read_text(encoding='utf-8') == text
        if not same:
            print(f'{path.name} is not what build.py makes; run examples/build.py',
                  file=sys.stderr)
        return 0 if same else 1
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 64
    path.write_text(text, encoding='utf-8')
    print(f'{text.count(chr(10))} lines written to {path}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
