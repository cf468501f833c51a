# SPDX-License-Identifier: GPL-2.0-or-later
"""A receiver of webhooks on loopback, which checks each signature and answers as it is told.

    with HookReceiver(secret) as hook:
        hook.url("/path?token=x")
        hook.statuses = [500, 200]    # of the next answers; then 204
        hook.deliveries               # [{"id", "path", "body", "headers"}]
"""
import hashlib
import hmac
import json
import threading

from loopback_server import LoopbackServer


class HookReceiver(LoopbackServer):
    def __init__(self, secret):
        super().__init__()
        self.secret = secret
        self.deliveries, self.statuses = [], []
        self.location = None            # of redirects
        self.hold = threading.Event()   # answers wait for it
        self.hold.set()
        self.bad_signatures = 0

    url = LoopbackServer.at

    def post(self, handler):
        self.take(handler, handler.rfile.read(int(handler.headers["Content-Length"])))
        self.hold.wait(60)
        status = self.statuses.pop(0) if self.statuses else 204
        handler.send_response(status)
        if self.location:
            handler.send_header("Location", self.location)
        if status == 429:
            handler.send_header("Retry-After", "3600")
        if status != 204:
            handler.send_header("Content-Length", "0")
        handler.end_headers()

    def get(self, handler):
        self.deliveries.append({"id": None, "path": handler.path, "body": None})
        handler.send_error(405)

    def take(self, handler, body):
        good = "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(good, handler.headers["X-Constraint-Runner-Signature"]):
            self.bad_signatures += 1
        self.deliveries.append({"id": handler.headers["X-Constraint-Runner-Delivery"],
                                "path": handler.path, "body": json.loads(body),
                                "headers": dict(handler.headers)})

    def __exit__(self, *_):
        self.hold.set()
        super().__exit__()
