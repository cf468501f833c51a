# SPDX-License-Identifier: GPL-2.0-or-later
"""A wiki whose api.php lists its pages as MediaWiki's does: siteinfo, and generator=allpages with
continuation, a namespace at a time, by title.

    with PageApi({0: ("wikibase-item", ["Q1", "Q2"]), 120: ("wikibase-property", ["P1"])}) as api:
        api.url, api.asked
"""
import json

from json_server import JsonServer


class PageApi(JsonServer):
    def __init__(self, namespaces, most=3):
        """Titles without their namespace; `most` pages in an answer."""
        super().__init__()
        self.namespaces, self.most = namespaces, most
        self.revisions = {}   # by title; 1 for all others
        self.fault = None     # "503", "maxlag", "denied" or "garbage": the next answers
        self.asked = []

    def answer(self, path, query):
        self.asked.append(query)
        return 503 if self.fault == "503" else 200, self.body(query)

    def body(self, query):
        if self.fault == "garbage":
            return "<html>"
        if self.fault in ("maxlag", "denied"):
            code = {"maxlag": "maxlag", "denied": "readapidenied"}[self.fault]
            return json.dumps({"error": {"code": code, "info": "not now"}})
        if query.get("meta") == "siteinfo":
            return json.dumps({"query": {
                "namespaces": {str(n): {"id": n, "name": "x" if n else "",
                                        **({"defaultcontentmodel": model} if model else {})}
                               for n, (model, _) in self.namespaces.items()},
                "statistics": {"pages": sum(len(t) for _, t in self.namespaces.values())}}})
        number = int(query["gapnamespace"])
        titles = sorted(t for t in self.namespaces[number][1] if t >= query.get("gapcontinue", ""))
        some = titles[:min(self.most, int(query["gaplimit"]))]
        out = {"batchcomplete": True}
        if some:
            out["query"] = {"pages": [
                {"pageid": 1000 * (number + 1) + self.namespaces[number][1].index(t), "ns": number,
                 "title": f"Space:{t}" if number else t, "lastrevid": self.revisions.get(t, 1)}
                for t in some]}
        if len(titles) > len(some):
            out["continue"] = {"gapcontinue": titles[len(some)], "continue": "gapcontinue||"}
        return json.dumps(out)

    @property
    def url(self):
        return f"{self.address}/w/api.php"
