# SPDX-License-Identifier: GPL-2.0-or-later
"""A small pooler before a PostgreSQL that trusts everyone, in session or transaction mode: it gives
clients process ids of its own, and in transaction mode the server connection that was used last to
the next client that begins a transaction, as PgBouncer does."""
import re
import select
import shutil
import socket
import struct
import tempfile
import threading

BACKEND_KEY, READY, PARAMETER = b"K", b"Z", b"S"


def _exactly(plain, length):
    data = b""
    while len(data) < length:
        part = plain.recv(length - len(data))
        if not part:
            raise ConnectionError
        data += part
    return data


def _message(plain):
    """One message with its type."""
    head = _exactly(plain, 5)
    return head + _exactly(plain, struct.unpack("!I", head[1:])[0] - 4)


def _startup(**parameters):
    body = struct.pack("!I", 196608)
    for name, value in parameters.items():
        body += name.encode() + b"\0" + value.encode() + b"\0"
    return struct.pack("!I", len(body) + 5) + body + b"\0"


class Pooler:
    def __init__(self, conninfo, transactions):
        self.folder = re.search(r"host=(\S+)", conninfo)[1]
        port = re.search(r"port=(\d+)", conninfo)
        self.server = f"{self.folder}/.s.PGSQL.{port[1] if port else 5432}"
        self.user = re.search(r"user=(\S+)", conninfo)[1]
        self.transactions = transactions
        self.own = tempfile.mkdtemp(prefix="pooler-")
        self.conninfo = re.sub(r"port=\d+ ?", "", conninfo).replace(
            f"host={self.folder}", f"host={self.own}")
        self.free = {}  # database -> server connections, the one that was used last at the end
        self.mutex = threading.Lock()
        self.sockets = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(f"{self.own}/.s.PGSQL.5432")
        self.listener.listen(100)

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()
        with self.mutex:
            for each in self.sockets:
                each.close()
        shutil.rmtree(self.own, ignore_errors=True)

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _keep(self, plain):
        with self.mutex:
            self.sockets.append(plain)
        return plain

    def _connect(self, database):
        """A server connection, and what the server said of itself."""
        server = self._keep(socket.socket(socket.AF_UNIX))
        server.connect(self.server)
        server.sendall(_startup(user=self.user, database=database))
        parameters = b""
        while True:
            message = _message(server)
            if message[:1] == b"E":
                raise ConnectionError(message)
            if message[:1] == PARAMETER:
                parameters += message
            if message[:1] == READY:
                return server, parameters

    def _take(self, database):
        with self.mutex:
            free = self.free.setdefault(database, [])
            if free:
                return free.pop()
        return self._connect(database)[0]

    def _give(self, database, server):
        with self.mutex:
            self.free.setdefault(database, []).append(server)

    def _serve(self, client):
        self._keep(client)
        server = None
        try:
            while True:
                length, version = struct.unpack("!II", _exactly(client, 8))
                rest = _exactly(client, length - 8)
                if version == 196608:
                    break
                client.sendall(b"N")  # neither TLS nor GSSAPI
            words = rest.split(b"\0")
            database = dict(zip(words[::2], words[1::2]))[b"database"].decode()
            server, parameters = self._connect(database)
            self._give(database, server)
            server = None
            client.sendall(b"R" + struct.pack("!II", 8, 0) + parameters +
                           BACKEND_KEY + struct.pack("!III", 12, id(client) % 2**30 + 2**30, 7) +
                           READY + struct.pack("!Ic", 5, b"I"))
            while True:
                message = _message(client)
                if message[:1] == b"X":
                    return
                if server is None:
                    server = self._take(database)
                server.sendall(message)
                if message[:1] in (b"Q", b"S"):
                    idle = self._answer(server, client)
                    if idle and self.transactions:
                        self._give(database, server)
                        server = None
        except OSError:
            pass
        finally:
            client.close()
            if server is not None:
                server.close()

    @staticmethod
    def _answer(server, client):
        """Up to the end of a cycle; whether no transaction is open then."""
        while True:
            select.select([server], [], [])
            message = _message(server)
            client.sendall(message)
            if message[:1] == READY:
                return message[5:6] == b"I"
