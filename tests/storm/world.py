# SPDX-License-Identifier: GPL-2.0-or-later
"""What the pages of the storm's wiki say: items, classes, properties with constraints, lexemes with
forms and senses. Made and changed at random, by a given random.Random alone, so that the same seed
makes the same wiki."""
import copy

from built_entities import (EITHER, INSTANCE, MANDATORY, SUBCLASS, SUGGESTION, UNKNOWN, constraint,
                            item, lexeme, link, prop, text)

ITEMS = [f"Q{n}" for n in range(1, 91)]
FIRST_MISSING = 78  # of ITEMS: linked from the beginning, created later
CLASSES = [f"Q{n}" for n in range(500, 516)]
LEXEMES = [f"L{n}" for n in range(1, 9)]
STRINGS = ["P10", "P11", "P12", "P14", "P15", "P20", "P21", "P30", "P34", "P35", "P50"]
LINKS = ["P13", "P16", "P17", "P26", "P27", "P33", "P36", "P41", "P42"]
FORM_LINKS = ["P28"]
PROPERTY_LINKS = ["P40"]
TIMES = ["P569", "P570"]
INSTANCE_OF, SUBCLASS_OF = "P31", "P279"
PROPERTIES = [*STRINGS, *LINKS, *FORM_LINKS, *PROPERTY_LINKS, *TIMES, INSTANCE_OF, SUBCLASS_OF]
VALUES = ["a", "b", "c", "d", "e5", "F6", "g h"]
LANGUAGES = ["en", "de", "fr"]
CATEGORIES = ["Q1084", "Q24905"]


class Page:
    """Of any kind; `parts` are the statements of forms and senses by their ids."""

    def __init__(self, entity, statements=(), datatype="string"):
        self.entity, self.statements = entity, list(statements)
        self.datatype, self.labels, self.parts, self.language = datatype, set(), {}, "Q1860"
        self.descriptions, self.category = set(), CATEGORIES[0]

    def document(self):
        labels = sorted(self.labels)
        if self.entity[0] == "Q":
            return item(self.entity, self.statements, languages=labels,
                        descriptions=sorted(self.descriptions))
        if self.entity[0] == "P":
            return prop(self.entity, self.statements, self.datatype, languages=labels)
        of = {kind: {p: s for p, s in self.parts.items() if kind in p} for kind in ("-F", "-S")}
        return lexeme(self.entity, self.statements, of["-F"], of["-S"], language=self.language,
                      category=self.category)

    def copy(self):
        return copy.deepcopy(self)


class World:
    """Makes pages, statements and constraints."""

    def __init__(self):
        self.last_number = 0

    def number(self):
        """For the GUID of a statement."""
        self.last_number += 1
        return self.last_number

    # -- statements ----------------------------------------------------------------------------

    def statement(self, chance, entity):
        """A random one that the entity might have."""
        is_class = entity in CLASSES
        kind = chance.random()
        if is_class and kind < 0.5:
            return self.superclass(chance)
        if kind < 0.50:
            # half of all: values that many share
            name = chance.choice(["P20", "P20", "P21", *STRINGS])
            value = chance.choice(VALUES[:3] if name in ("P20", "P21") else VALUES)
            qualifiers = ([("P50", chance.choice(VALUES))] if chance.random() < 0.25 else [])
            return text(name, value, number=self.number(), qualifiers=qualifiers,
                        rank=self.rank(chance))
        if kind < 0.84:
            name = chance.choice(["P26", "P26", *LINKS])
            target = chance.choice(ITEMS[:30] if chance.random() < 0.7 else ITEMS + CLASSES)
            return link(name, target, number=self.number(), rank=self.rank(chance))
        if kind < 0.87:
            return self.link_to_property(chance)
        if kind < 0.91:
            lexeme_id = chance.choice(LEXEMES)
            return link("P28", f"{lexeme_id}-F{chance.choice([1, 2])}", number=self.number())
        if kind < 0.94:
            return text(chance.choice(TIMES), f"+{chance.randrange(1900, 2000, 10)}"
                        + chance.choice(["", "", "/8", "/7"]),
                        number=self.number(), rank=self.rank(chance))
        return self.instance(chance)

    def link_to_property(self, chance):
        return link("P40", chance.choice(["P40", "P26", "P20", *PROPERTIES]), number=self.number(),
                    rank=self.rank(chance))

    def of_property(self, chance):
        """What a property says besides its constraints."""
        return chance.choice([self.instance, self.link_to_property, self.link_to_property])(chance)

    def instance(self, chance):
        return link(INSTANCE_OF, chance.choice(CLASSES), number=self.number(),
                    rank=self.rank(chance))

    def superclass(self, chance):
        return link(SUBCLASS_OF, chance.choice(CLASSES), number=self.number(),
                    rank=self.rank(chance))

    @staticmethod
    def rank(chance):
        return chance.choice(["normal"] * 8 + ["preferred", "deprecated"])

    # -- constraints ---------------------------------------------------------------------------

    def constraint(self, chance, name):
        """A random one that suits the property."""
        kinds = ["single", "conflicts", "item requires", "subject type", "required qualifier",
                 "allowed qualifiers", "best value", "multi value", "label", "citation",
                 "description"]
        if name in STRINGS:
            kinds += ["distinct"] * 4 + ["format", "format", "lexeme language", "lexical category"]
        elif name in LINKS:
            kinds += ["symmetric", "inverse", "value type", "value requires"] * 2
            kinds += ["one of", "none of", "contemporary", "distinct"]
        elif name in TIMES:
            kinds += ["range", "range", "single"] * 3
        elif name in FORM_LINKS:
            kinds += ["value requires", "value lexical category"] * 6
        elif name in PROPERTY_LINKS:
            kinds += ["symmetric", "value type", "value requires"] * 3
        return self.constraint_of(chance, chance.choice(kinds))

    def constraint_of(self, chance, kind):
        parameters = {
            "subject type": self._classes, "value type": self._classes,
            "inverse": lambda c: {"P2306": [f"<{c.choice(LINKS)}>"]},
            "item requires": self._property, "value requires": self._property,
            "conflicts": self._property,
            "one of": self._items, "none of": self._items,
            "format": lambda c: {"P1793": [c.choice(["[a-z]+", "[A-Z]\\d", ".", "[^ ]*"])]},
            "required qualifier": lambda c: {"P2306": ["<P50>"]},
            "allowed qualifiers": lambda c: {"P2306": [c.choice(["<P50>", None])]},
            "label": lambda c: {"P424": [c.choice(LANGUAGES)]},
            "description": lambda c: {"P424": [c.choice(LANGUAGES)]},
            "lexical category": lambda c: {"P2305": [f"<{c.choice(CATEGORIES)}>"]},
            "value lexical category": lambda c: {"P2305": [f"<{c.choice(CATEGORIES)}>"]},
            "range": lambda c: {"P2310": [c.choice([None, "+1930"])],
                                "P2311": [c.choice([UNKNOWN, "+1970", "+1960/8"])]},
            "lexeme language": lambda c: {"P2305": ["<Q1860>"]},
            "distinct": lambda c: {"P4155": ["<P50>"]} if c.random() < 0.3 else {},
        }.get(kind, lambda c: {})(chance)
        more = chance.random()
        if more < 0.15:
            parameters["P2316"] = [f"<{MANDATORY}>"]
        elif more < 0.2:
            parameters["P2316"] = [f"<{SUGGESTION}>"]
        elif more < 0.3:
            parameters["P2303"] = [f"<{chance.choice(ITEMS[:30])}>"]
        if kind in ("none of", "conflicts", "item requires") and chance.random() < 0.4:
            parameters |= self._classes(chance)
        if kind in ("conflicts", "item requires") and chance.random() < 0.3:
            parameters["P4680"] = ["<Q46466783>", "<Q46466787>"]
        if chance.random() < 0.2:
            parameters["P6824"] = [f"<{chance.choice(STRINGS)}>"]
        if chance.random() < 0.2:
            parameters["P9729"] = [chance.choice([None, "a", f"<{chance.choice(ITEMS)}>"])]
        return constraint(kind, number=self.number(), **parameters)

    @staticmethod
    def _classes(chance):
        return {"P2308": [f"<{chance.choice(CLASSES)}>"],
                "P2309": [f"<{chance.choice([INSTANCE, INSTANCE, SUBCLASS, EITHER])}>"]}

    @staticmethod
    def _items(chance):
        return {"P2305": [f"<{i}>" for i in sorted(chance.sample(ITEMS[:30], 8))]}

    @staticmethod
    def _property(chance):
        name = chance.choice(STRINGS + LINKS + PROPERTY_LINKS)
        out = {"P2306": [f"<{name}>"]}
        if name in LINKS and chance.random() < 0.3:
            out["P2305"] = [f"<{i}>" for i in sorted(chance.sample(ITEMS[:30], 5))]
        return out

    # -- the first pages -----------------------------------------------------------------------

    def first_pages(self, chance):
        pages = []
        first = {"P10": "single", "P11": "subject type", "P12": "format", "P13": "value requires",
                 "P14": "item requires", "P15": "conflicts", "P16": "one of", "P17": "none of",
                 "P20": "distinct", "P21": "distinct", "P26": "symmetric", "P27": "value type",
                 "P28": "value requires", "P30": "lexeme language", "P33": "contemporary",
                 "P34": "label", "P40": "symmetric", "P41": "inverse", "P42": "inverse"}
        for name in PROPERTIES:
            kinds = [first[name]] if name in first else []
            page = Page(name, [self.constraint_of(chance, kind) for kind in kinds])
            page.datatype = ("wikibase-item" if name in [*LINKS, INSTANCE_OF, SUBCLASS_OF]
                             else "wikibase-form" if name in FORM_LINKS
                             else "wikibase-property" if name in PROPERTY_LINKS
                             else "time" if name in TIMES else "string")
            pages.append(page)
        for number, name in enumerate(CLASSES):
            page = Page(name)
            if number:  # a tree at first; edits make anything of it
                page.statements.append(link(SUBCLASS_OF, CLASSES[(number - 1) // 2],
                                            number=self.number()))
            pages.append(page)
        for name in ITEMS[:FIRST_MISSING]:
            pages.append(self.new_item(chance, name))
        for name in LEXEMES:
            pages.append(self.new_lexeme(chance, name))
        return pages

    def new_item(self, chance, name):
        page = Page(name, [self.statement(chance, name) for _ in range(chance.randrange(1, 6))])
        if name not in CLASSES and chance.random() < 0.6:
            page.statements.append(self.instance(chance))
        page.labels = set(chance.sample(LANGUAGES, chance.randrange(3)))
        page.descriptions = set(chance.sample(LANGUAGES, chance.randrange(3)))
        return page

    def new_lexeme(self, chance, name):
        page = Page(name, [self.statement(chance, name)])
        for part in ("F1", "F2", "S1"):
            page.parts[f"{name}-{part}"] = [self.statement(chance, f"{name}-{part}")
                                            for _ in range(chance.randrange(3))]
        return page
