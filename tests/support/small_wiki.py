# SPDX-License-Identifier: GPL-2.0-or-later
"""A wiki that answers Special:EntityData from memory and counts what it is asked.

    with SmallWiki(documents) as wiki:
        wiki.url, wiki.seen["Q1"], wiki.put(document)
"""
import collections
import json

from json_server import JsonServer


class SmallWiki(JsonServer):
    def __init__(self, documents=()):
        super().__init__()
        self.documents = {}
        self.seen = collections.Counter()  # requests by id
        self.away = False                  # answers 503
        for document in documents:
            self.put(document)

    def answer(self, path, query):
        entity = path.rsplit("/", 1)[-1].removesuffix(".json")
        self.seen[entity] += 1
        document = self.documents.get(entity)
        body = json.dumps({"entities": {document["id"]: document}} if document else {})
        return 503 if self.away else 200 if document else 404, body

    def put(self, document, under=None):
        """`under`: another id, that redirects to it."""
        self.documents[under or document["id"]] = document

    @property
    def url(self):
        return f"{self.address}/wiki/Special:EntityData/"
