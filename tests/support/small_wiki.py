# SPDX-License-Identifier: GPL-2.0-or-later
"""A wiki that answers Special:EntityData from memory and counts what it is asked.

    with SmallWiki(documents) as wiki:
        wiki.url, wiki.seen["Q1"], wiki.put(document)
"""
import collections
import http.server
import json
import threading


class SmallWiki:
    def __init__(self, documents=()):
        self.documents = {}
        self.seen = collections.Counter()  # requests by id
        self.away = False                  # answers 503
        for document in documents:
            self.put(document)
        wiki = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *_):
                pass

            def do_GET(self):  # pylint: disable=invalid-name
                entity = self.path.partition("?")[0].rsplit("/", 1)[-1].removesuffix(".json")
                wiki.seen[entity] += 1
                document = wiki.documents.get(entity)
                status = 503 if wiki.away else 200 if document else 404
                body = json.dumps({"entities": {document["id"]: document}} if document else {})
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def put(self, document, under=None):
        """`under`: another id, that redirects to it."""
        self.documents[under or document["id"]] = document

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}/wiki/Special:EntityData/"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
