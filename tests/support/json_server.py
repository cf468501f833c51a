# SPDX-License-Identifier: GPL-2.0-or-later
"""An HTTP server of its own thread on loopback that answers every GET with JSON.

    class Wiki(JsonServer):
        def answer(self, path, query): return 200, "{}"

    with Wiki() as wiki:
        wiki.address
"""
import urllib.parse

from loopback_server import LoopbackServer

# instead of a status: the connection ends without an answer, the body is HTML, or is cut short
CLOSE, HTML, SHORT = "close", "html", "short"


class JsonServer(LoopbackServer):
    def __init__(self, port=0):
        super().__init__(port=port)

    def get(self, handler):
        path, _, query = handler.path.partition("?")
        status, text = self.answer(path, dict(urllib.parse.parse_qsl(query)))
        body = text.encode()
        if status == CLOSE:
            handler.close_connection = True
            return
        handler.close_connection = status == SHORT
        handler.send_response(200 if status in (HTML, SHORT) else status)
        handler.send_header("Content-Type", "text/html" if status == HTML else "application/json")
        handler.send_header("Content-Length", str(len(body) + (100 if status == SHORT else 0)))
        handler.end_headers()
        handler.wfile.write(body)

    def answer(self, path, query):
        """The status and the body for one request; called by several threads at once."""
        raise NotImplementedError
