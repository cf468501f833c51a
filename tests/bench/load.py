# SPDX-License-Identifier: GPL-2.0-or-later
"""A load generator for the runner's API: ready-made requests over several kept-alive connections
to the Unix socket, from one thread, so that it takes little of the processors that it measures."""
import collections
import selectors
import socket
import time


class Answers:
    """What came back: statuses, and the time of each answer in seconds."""

    def __init__(self):
        self.statuses = collections.Counter()
        self.latencies = []
        self.seconds = 0.0
        self.first_error = None

    def percentile(self, share):
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def request(method, path, body=b''):
    """An HTTP/1.1 request as bytes."""
    head = f'{method} {path} HTTP/1.1\r\nHost: runner\r\n'
    if body:
        head += f'Content-Type: application/json\r\nContent-Length: {len(body)}\r\n'
    return head.encode() + b'\r\n' + body


class _Connection:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(str(path))
        self.socket.setblocking(False)
        self.unsent = memoryview(b'')
        self.received = b''
        self.began = 0.0

    def start(self, data):
        self.began = time.perf_counter()
        self.unsent = memoryview(data)
        self.received = b''
        return self.send()

    def send(self):
        """True when all is sent."""
        while self.unsent:
            try:
                self.unsent = self.unsent[self.socket.send(self.unsent):]
            except BlockingIOError:
                return False
        return True

    def receive(self):
        """(status, body) when the answer is whole, else None."""
        chunk = self.socket.recv(1 << 16)
        if not chunk:
            raise ConnectionError('the runner closed the connection')
        self.received += chunk
        head, found, body = self.received.partition(b'\r\n\r\n')
        if not found:
            return None
        length = 0
        for line in head.split(b'\r\n')[1:]:
            name, _, value = line.partition(b':')
            if name.lower() == b'content-length':
                length = int(value)
        return (int(head[9:12]), body) if len(body) >= length else None


def run(path, requests, connections):
    """Sends all requests, each connection the next one as soon as it has its answer."""
    answers = Answers()
    queue = iter(requests)
    with selectors.DefaultSelector() as selector:
        def feed(connection, registered):
            data = next(queue, None)
            if data is None:
                if registered:
                    selector.unregister(connection.socket)
                connection.socket.close()
                return 0
            sent = connection.start(data)
            events = selectors.EVENT_READ | (0 if sent else selectors.EVENT_WRITE)
            if registered:
                selector.modify(connection.socket, events, connection)
            else:
                selector.register(connection.socket, events, connection)
            return 1

        opened = [_Connection(path) for _ in range(connections)]
        began = time.perf_counter()
        active = sum(feed(c, False) for c in opened)
        while active:
            for key, events in selector.select(30):
                connection = key.data
                if events & selectors.EVENT_WRITE:
                    if connection.send():
                        selector.modify(connection.socket, selectors.EVENT_READ, connection)
                    continue
                answer = connection.receive()
                if answer is None:
                    continue
                status, body = answer
                answers.statuses[status] += 1
                answers.latencies.append(time.perf_counter() - connection.began)
                if status >= 300 and answers.first_error is None:
                    answers.first_error = body[:300].decode(errors='replace')
                active += feed(connection, True) - 1
    answers.seconds = time.perf_counter() - began
    return answers
