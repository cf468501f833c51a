# SPDX-License-Identifier: GPL-2.0-or-later
"""An HTTP server in a thread of its own, on loopback unless another address is said; what it answers is up to
the class that is made of it.

    class Wiki(LoopbackServer):
        def get(self, handler): handler.send_error(404)

    with Wiki() as wiki:
        wiki.at("/path")
"""
import http.server
import threading


class LoopbackServer:
    def __init__(self, address="127.0.0.1", port=0):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *_):
                pass

            def do_GET(self):  # pylint: disable=invalid-name
                outer.get(self)

            def do_POST(self):  # pylint: disable=invalid-name
                outer.post(self)

        self.server = http.server.ThreadingHTTPServer((address, port), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def get(self, handler):
        """Answers a request; called by several threads at once. post() is the same."""
        handler.send_error(405)

    def post(self, handler):
        handler.send_error(405)

    @property
    def address(self):
        return self.at("")

    def at(self, path="/", host=None):
        address, port = self.server.server_address[:2]
        return f"http://{host or address}:{port}{path}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
