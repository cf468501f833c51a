# SPDX-License-Identifier: GPL-2.0-or-later
"""The sample wiki of examples/ is what its builder makes, and is Wikibase JSON."""
import json
import pathlib
import re
import subprocess
import sys

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / 'examples'
GUID = re.compile(r'^[QPLM]\d+(-[FS]\d+)?\$[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')


def lines():
    text = (EXAMPLES / 'sample.ndjson').read_text(encoding='utf-8')
    return [json.loads(line) for line in text.splitlines()]


def statements(entity):
    holders = [entity, *entity.get('forms', []), *entity.get('senses', [])]
    for holder in holders:
        for group in (holder.get('claims') or holder.get('statements') or {}).values():
            yield from group


def test_the_sample_is_what_the_builder_makes():
    done = subprocess.run([sys.executable, EXAMPLES / 'build.py', '--check'], check=False)
    assert done.returncode == 0


def test_ids_are_unique_and_every_kind_of_entity_occurs():
    entities = [e for e in lines() if 'redirect' not in e]
    assert len({e['id'] for e in entities}) == len(entities)
    assert {e['type'] for e in entities} == {'item', 'property', 'lexeme', 'mediainfo'}
    assert any('redirect' in e for e in lines())


def test_statement_ids_are_valid_and_unique():
    guids = [s['id'] for e in lines() for s in statements(e)]
    assert len(set(guids)) == len(guids)
    assert not [g for g in guids if not GUID.match(g)]


def test_every_property_in_use_is_described_with_the_data_type_of_its_snaks():
    entities = lines()
    datatypes = {e['id']: e['datatype'] for e in entities if e.get('type') == 'property'}
    for entity in entities:
        for statement in statements(entity):
            snaks = [statement['mainsnak']]
            snaks += [s for group in statement.get('qualifiers', {}).values() for s in group]
            for reference in statement.get('references', []):
                snaks += [s for group in reference['snaks'].values() for s in group]
            for snak in snaks:
                assert snak['datatype'] == datatypes[snak['property']]


def test_the_constraint_types_of_the_sample_are_many():
    types = {s['mainsnak']['datavalue']['value']['id']
             for e in lines() if e.get('type') == 'property'
             for s in e['claims'].get('P2302', [])}
    assert len(types) >= 21
