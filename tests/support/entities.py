# SPDX-License-Identifier: GPL-2.0-or-later
"""Small entities: items whose P10 may have one value only, and the property that says so."""

SINGLE_VALUE = "Q19474404"


def statement(guid, prop, value, extra=None):
    snak = {"snaktype": "value", "property": prop,
            "datavalue": {"value": value, "type": "string"}, "datatype": "string"}
    return {"mainsnak": snak, "type": "statement", "id": guid, "rank": "normal", **(extra or {})}


def item(entity, revision=1, values=("a",), prop="P10"):
    """With two values or more, each statement violates the single-value constraint."""
    claims = [statement(f"{entity}${i:08d}-0000-4000-8000-{revision:012d}", prop, v)
              for i, v in enumerate(values)]
    return {"type": "item", "id": entity, "lastrevid": revision, "labels": {},
            "claims": {prop: claims} if claims else {}}


def single_value_property(prop="P10", revision=1, constraint=SINGLE_VALUE):
    guid = f"{prop}$00000000-0000-4000-8000-000000000001"
    snak = {"snaktype": "value", "property": "P2302", "datatype": "wikibase-item",
            "datavalue": {"type": "wikibase-entityid",
                          "value": {"entity-type": "item", "id": constraint,
                                    "numeric-id": int(constraint[1:])}}}
    claims = {"P2302": [{"mainsnak": snak, "type": "statement", "id": guid, "rank": "normal"}]}
    return {"type": "property", "datatype": "string", "id": prop, "lastrevid": revision,
            "labels": {}, "claims": claims if constraint else {}}
