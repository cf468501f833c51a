# SPDX-License-Identifier: GPL-2.0-or-later
"""A wiki whose api.php lists its pages as MediaWiki's does: siteinfo, and generator=allpages with
continuation, a namespace at a time, by title; or generator=backlinks.

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
        self.articles = sum(len(titles) for model, titles in namespaces.values() if model)
        self.fault = None     # "503", "maxlag", "denied" or "garbage": the next answers; or how they
        #                       continue: "otherwise" (by another key) or "nowhere"
        self.asked = []
        self.links = {}       # titles of pages by the title that they link to

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
                "namespaces": {str(n): {"id": n, "name": "Space" if n else "",
                                        **({"defaultcontentmodel": model} if model else {})}
                               for n, (model, _) in self.namespaces.items()},
                "statistics": {"pages": 7 * self.articles, "articles": self.articles}}})
        if "titles" in query:
            there = any(query["titles"] == (f"Space:{t}" if n else t)
                        for n, (_, titles) in self.namespaces.items() for t in titles)
            return json.dumps({"query": {"pages": [
                {"title": query["titles"], **({"pageid": 1} if there else {"missing": True})}]}})
        prefix = {"allpages": "gap", "backlinks": "gbl"}[query["generator"]]
        number = int(query[prefix + "namespace"])
        titles = sorted(t for t in self.namespaces[number][1]
                        if t >= query.get("otherwise", query.get(prefix + "continue", ""))
                        and (prefix == "gap" or t in self.links[query["gbltitle"]]))
        some = titles[:min(self.most, int(query[prefix + "limit"]))]
        out = {"batchcomplete": True}
        if some:
            out["query"] = {"pages": [
                {"pageid": 1000 * (number + 1) + self.namespaces[number][1].index(t), "ns": number,
                 "title": f"Space:{t}" if number else t, "lastrevid": self.revisions.get(t, 1)}
                for t in some]}
        if len(titles) > len(some):
            out["continue"] = {prefix + "continue": titles[len(some)],
                               "continue": prefix + "continue||"}
            if self.fault == "otherwise":
                out["continue"] = {"otherwise": titles[len(some)], "continue": "||"}
            elif self.fault == "nowhere":
                out["continue"] = {}
        return json.dumps(out)

    @property
    def url(self):
        return f"{self.address}/w/api.php"
