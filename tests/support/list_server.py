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
import socket
import struct

from loopback_server import LoopbackServer

CLONE_NEWNET = 0x40000000
SIOCSIFADDR, SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8916, 0x8913, 0x8914, 1


class ListServer(LoopbackServer):
    def __init__(self, address="127.0.0.1", port=0):
        super().__init__(address, port)
        self.pages, self.asked, self.accepted = {}, [], []

    def get(self, handler):
        self.asked.append(handler.path)
        self.accepted.append(handler.headers["Accept"])
        page = self.pages.get(handler.path, {"status": 404, "body": "<html>not here"})
        handler.close_connection = True
        with contextlib.suppress(OSError):
            if callable(page):
                page(handler)
            else:
                self.answer(handler, **(page if isinstance(page, dict) else {"body": page}))

    url = LoopbackServer.at

    @staticmethod
    def answer(handler, status=200, body="", type="text/plain", **headers):
        body = body.encode() if isinstance(body, str) else body
        handler.send_response(status)
        handler.send_header("Content-Type", type)
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("Connection", "close")
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)


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
