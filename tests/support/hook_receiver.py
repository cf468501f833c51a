# SPDX-License-Identifier: GPL-2.0-or-later
"""A receiver of webhooks on loopback, which checks each signature and answers as it is told.

    with HookReceiver(secret) as hook:
        hook.url("/path?token=x")
        hook.statuses = [500, 200]    # of the next answers; then 204
        hook.deliveries               # [{"id", "path", "body", "headers"}]
"""
import hashlib
import hmac
import http.server
import json
import threading


class HookReceiver:
    def __init__(self, secret):
        self.secret = secret
        self.deliveries, self.statuses = [], []
        self.location = None            # of redirects
        self.hold = threading.Event()   # answers wait for it
        self.hold.set()
        self.bad_signatures = 0
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):  # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.take(self, body)
                receiver.hold.wait(60)
                status = receiver.statuses.pop(0) if receiver.statuses else 204
                self.send_response(status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                if status == 429:
                    self.send_header("Retry-After", "3600")
                if status != 204:
                    self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self):  # pylint: disable=invalid-name
                receiver.deliveries.append({"id": None, "path": self.path, "body": None})
                self.send_error(405)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def take(self, handler, body):
        good = "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(good, handler.headers["X-Constraint-Runner-Signature"]):
            self.bad_signatures += 1
        self.deliveries.append({"id": handler.headers["X-Constraint-Runner-Delivery"],
                                "path": handler.path, "body": json.loads(body),
                                "headers": dict(handler.headers)})

    def url(self, path="/", host="127.0.0.1"):
        return f"http://{host}:{self.server.server_address[1]}{path}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.hold.set()
        self.server.shutdown()
        self.server.server_close()
