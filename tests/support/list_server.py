# SPDX-License-Identifier: GPL-2.0-or-later
"""A server of lists of files, in the forms and with the faults that sources have.

    with ListServer() as source:
        source.pages["/list"] = "A.jpg\\n"                       # or bytes
        source.pages["/moved"] = {"status": 302, "Location": "/list"}
        source.pages["/odd"] = lambda handler: handler.wfile.write(b"nonsense")
        source.url("/list")

`in_public()` gives the calling thread, and the processes that it starts, a network of its own in which a
public address is this host's."""
import contextlib
import ctypes
import fcntl
import http.server
import socket
import struct
import threading

CLONE_NEWNET = 0x40000000
SIOCSIFADDR, SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8916, 0x8913, 0x8914, 1


class ListServer:
    def __init__(self, address="127.0.0.1", port=0):
        self.pages, self.asked, self.accepted = {}, [], []
        source = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *_):
                pass

            def do_GET(self):  # pylint: disable=invalid-name
                source.asked.append(self.path)
                source.accepted.append(self.headers["Accept"])
                page = source.pages.get(self.path, {"status": 404, "body": "<html>not here"})
                self.close_connection = True
                with contextlib.suppress(OSError):
                    if callable(page):
                        page(self)
                    else:
                        self.answer(**(page if isinstance(page, dict) else {"body": page}))

            def answer(self, status=200, body="", type="text/plain", **headers):
                body = body.encode() if isinstance(body, str) else body
                self.send_response(status)
                self.send_header("Content-Type", type)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Connection", "close")
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(body)

        self.server = http.server.ThreadingHTTPServer((address, port), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def url(self, path, host=None):
        address, port = self.server.server_address[:2]
        return f"http://{host or address}:{port}{path}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def in_public(address):
    """Raises OSError where the test may not do that."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for name, own in ((b"lo", "127.0.0.1"), (b"lo:1", address)):
            if name != b"lo":
                fcntl.ioctl(control, SIOCSIFADDR, struct.pack(
                    "16sHH4s8x", name, socket.AF_INET, 0, socket.inet_aton(own)))
            flags, = struct.unpack("16xH", fcntl.ioctl(control, SIOCGIFFLAGS, struct.pack(
                "16sH", name, 0) + bytes(22))[:18])
            fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH", name, flags | IFF_UP) + bytes(22))
