# SPDX-License-Identifier: GPL-2.0-or-later
"""A wiki whose api.php lists its pages as MediaWiki's does: siteinfo, and generator=allpages with
continuation, a namespace at a time, by title.

    with PageApi({0: ("wikibase-item", ["Q1", "Q2"]), 120: ("wikibase-property", ["P1"])}) as api:
        api.url, api.asked
"""
import http.server
import json
import threading
import urllib.parse


class PageApi:
    def __init__(self, namespaces, most=3):
        """Titles without their namespace; `most` pages in an answer."""
        self.namespaces, self.most = namespaces, most
        self.revisions = {}   # by title; 1 for all others
        self.fault = None     # "503", "maxlag", "denied" or "garbage": the next answers
        self.asked = []
        wiki = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):  # pylint: disable=invalid-name
                query = dict(urllib.parse.parse_qsl(self.path.partition("?")[2]))
                wiki.asked.append(query)
                body = wiki.answer(query).encode()
                self.send_response(503 if wiki.fault == "503" else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def answer(self, query):
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
        return f"http://127.0.0.1:{self.server.server_address[1]}/w/api.php"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
