# SPDX-License-Identifier: GPL-2.0-or-later
"""Documents of items, properties and lexemes with all kinds of statements and constraints.

    item("Q1", [link("P26", "Q2")])
    prop("P26", [constraint("P26", "symmetric")], "wikibase-item")
"""
CONSTRAINT = "P2302"

TYPES = {
    "distinct": "Q21502410", "single": "Q19474404", "symmetric": "Q21510862",
    "inverse": "Q21510855", "subject type": "Q21503250", "value type": "Q21510865",
    "item requires": "Q21503247", "value requires": "Q21510864", "conflicts": "Q21502838",
    "one of": "Q21510859", "none of": "Q52558054", "format": "Q21502404",
    "required qualifier": "Q21510856", "allowed qualifiers": "Q21510851",
    "multi value": "Q21510857", "best value": "Q52060874", "lexeme language": "Q55819106",
    "label": "Q108139345", "entity types": "Q52004125", "citation": "Q54554025",
    "contemporary": "Q25796498", "description": "Q111204896",
    "lexical category": "Q55819078", "value lexical category": "Q64006792", "range": "Q21510860",
}
INSTANCE, SUBCLASS, EITHER = "Q21503252", "Q21514624", "Q30208840"
MANDATORY, SUGGESTION = "Q21502408", "Q62026391"
UNKNOWN = "unknown value"


def entity_type(entity):
    if "-F" in entity:
        return "form"
    if "-S" in entity:
        return "sense"
    return {"Q": "item", "P": "property", "L": "lexeme"}[entity[0]]


def snak(prop, value):
    """Of a string, an entity id in angle brackets ("<Q1>"), a year ("+1990", with a precision
    "+1990/7"), a second ("+1990-01-01T12:00:00Z"), UNKNOWN or None: no value."""
    if value is None:
        return {"snaktype": "novalue", "property": prop}
    if value == UNKNOWN:
        return {"snaktype": "somevalue", "property": prop}
    if value.startswith("+"):
        moment, _, precision = value.partition("/")
        year = "T" not in moment
        return {"snaktype": "value", "property": prop, "datatype": "time",
                "datavalue": {"type": "time", "value": {
                    "time": moment + "-00-00T00:00:00Z" if year else moment,
                    "timezone": 0, "before": 0, "after": 0,
                    "precision": int(precision or (9 if year else 14)),
                    "calendarmodel": "http://www.wikidata.org/entity/Q1985727"}}}
    if value.startswith("<"):
        target = value[1:-1]
        inner = {"entity-type": entity_type(target), "id": target}
        if "-" not in target:
            inner["numeric-id"] = int(target[1:])
        return {"snaktype": "value", "property": prop, "datatype": "wikibase-" + entity_type(target),
                "datavalue": {"type": "wikibase-entityid", "value": inner}}
    return {"snaktype": "value", "property": prop, "datatype": "string",
            "datavalue": {"type": "string", "value": value}}


class Statement:
    def __init__(self, prop, value, rank="normal", qualifiers=(), number=0):
        self.prop, self.value, self.rank = prop, value, rank
        self.qualifiers, self.number = list(qualifiers), number

    def json(self, entity, number):
        number = self.number or number
        out = {"mainsnak": snak(self.prop, self.value), "type": "statement", "rank": self.rank,
               "id": f"{entity}${number:08x}-0000-4000-8000-{int(self.prop[1:]):012d}"}
        if self.qualifiers:
            order = list(dict.fromkeys(p for p, _ in self.qualifiers))
            out["qualifiers"] = {p: [snak(p, v) for q, v in self.qualifiers if q == p]
                                 for p in order}
            out["qualifiers-order"] = order
        return out


def text(prop, value, **more):
    return Statement(prop, value, **more)


def link(prop, target, **more):
    return Statement(prop, f"<{target}>", **more)


def constraint(kind, rank="normal", number=0, **parameters):
    """`parameters` by their property: P2308=["<Q100>"]."""
    return Statement(CONSTRAINT, f"<{TYPES[kind]}>", rank, number=number,
                     qualifiers=[(p, v) for p, values in parameters.items() for v in values])


def claims(entity, statements):
    out = {}
    for number, each in enumerate(statements, 1):
        out.setdefault(each.prop, []).append(each.json(entity, number))
    return out


def labels(languages):
    return {code: {"language": code, "value": "a label"} for code in languages}


def item(entity, statements=(), revision=0, languages=(), descriptions=()):
    return {"type": "item", "id": entity, "lastrevid": revision, "labels": labels(languages),
            "descriptions": labels(descriptions), "claims": claims(entity, statements)}


def prop(entity, statements=(), datatype="string", revision=0, languages=()):
    return {"type": "property", "datatype": datatype, "id": entity, "lastrevid": revision,
            "labels": labels(languages), "claims": claims(entity, statements)}


def lexeme(entity, statements=(), forms=(), senses=(), revision=0, language="Q1860",
           category="Q1084"):
    """`forms` and `senses`: statements by id."""
    return {"type": "lexeme", "id": entity, "lastrevid": revision, "lemmas": {},
            "language": language, "lexicalCategory": category, "claims": claims(entity, statements),
            "forms": [{"id": f, "representations": {}, "grammaticalFeatures": [],
                       "claims": claims(f, s)} for f, s in dict(forms).items()],
            "senses": [{"id": s, "glosses": {}, "claims": claims(s, each)}
                       for s, each in dict(senses).items()]}
