# SPDX-License-Identifier: GPL-2.0-or-later
"""An HTTP server of its own thread on loopback that answers every GET with JSON.

    class Wiki(JsonServer):
        def answer(self, path, query): return 200, "{}"

    with Wiki() as wiki:
        wiki.address
"""
import http.server
import threading
import urllib.parse

# instead of a status: the connection ends without an answer, the body is HTML, or is cut short
CLOSE, HTML, SHORT = "close", "html", "short"


class JsonServer:
    def __init__(self, port=0):
        wiki = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *_):
                pass

            def do_GET(self):  # pylint: disable=invalid-name
                path, _, query = self.path.partition("?")
                status, text = wiki.answer(path, dict(urllib.parse.parse_qsl(query)))
                body = text.encode()
                if status == CLOSE:
                    self.close_connection = True
                    return
                self.close_connection = status == SHORT
                self.send_response(200 if status in (HTML, SHORT) else status)
                self.send_header("Content-Type", "text/html" if status == HTML else "application/json")
                self.send_header("Content-Length", str(len(body) + (100 if status == SHORT else 0)))
                self.end_headers()
                self.wfile.write(body)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def answer(self, path, query):
        """The status and the body for one request; called by several threads at once."""
        raise NotImplementedError

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
