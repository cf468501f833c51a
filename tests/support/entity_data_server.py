#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A wiki's Special:EntityData with every fault that a test needs, one for each entity id.

Prints its port on 127.0.0.1 on the first line, and ends when its standard input does."""
import collections
import gzip
import http.server
import json
import os
import sys
import threading
import time
import urllib.parse

seen = collections.Counter()       # requests by id
open_now, most_open = 0, 0
connections, agents = set(), set()
lock = threading.Lock()


def document(entity, revision=10):
    if entity.startswith('L'):
        data = {'type': 'lexeme', 'id': entity, 'lastrevid': revision, 'lemmas': {}, 'claims': [],
                'lexicalCategory': 'Q1', 'language': 'Q2', 'senses': [],
                'forms': [{'id': entity + '-F1', 'representations': {}, 'claims': [],
                           'grammaticalFeatures': []}]}
    else:
        data = {'type': 'item', 'id': entity, 'lastrevid': revision, 'labels': {}, 'claims': []}
    return json.dumps({'note': '"entities":{', 'entities': {entity: data}}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self, status, body=b'', content_type='application/json; charset=utf-8', **headers):
        self.send_response(status)
        self.send_header('Content-Type', content_type)
        self.send_header('Content-Length', str(headers.pop('length', len(body))))
        for name, value in headers.items():
            self.send_header(name.replace('_', '-'), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        name = url.path.rsplit('/', 1)[-1].removesuffix('.json')
        revision = int(urllib.parse.parse_qs(url.query).get('revision', ['0'])[0])
        with lock:
            seen[name] += 1
            count = seen[name]
            connections.add(self.client_address)
            agents.add(self.headers.get('User-Agent', ''))
        try:
            getattr(self, 'get_' + name, self.get_other)(name, revision, count)
        except BrokenPipeError:
            self.close_connection = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length'])).decode()
        self.answer(200, json.dumps({'body': body, 'headers': dict(self.headers)}).encode())

    def get_stats(self, *_):
        with lock:
            self.answer(200, json.dumps({'most_open': most_open, 'connections': len(connections),
                                         'agents': sorted(agents), 'seen': seen}).encode())

    def get_other(self, name, _revision, _count):
        global open_now, most_open
        if name.startswith('Q1000'):  # several at once
            with lock:
                open_now += 1
                most_open = max(most_open, open_now)
            time.sleep(0.05)
            with lock:
                open_now -= 1
        self.answer(200, document(name))

    def get_Q2(self, *_):
        time.sleep(2)
        self.answer(200, document('Q2'))

    def get_Q3(self, name, _, count):
        self.answer(500 if count % 3 else 200, document(name))

    def get_Q4(self, *_):
        self.answer(503, b'overloaded', 'text/plain')

    def get_Q5(self, name, _, count):
        if count == 1:
            self.answer(429, b'', Retry_After='1')
        else:
            self.answer(200, document(name))

    def get_Q6(self, *_):
        self.answer(429, b'', Retry_After='3600')

    def get_Q7(self, name, _, count):
        body = document(name)
        self.answer(200, body[:-20] if count == 1 else body, length=len(body))
        self.close_connection = count == 1

    def get_Q8(self, name, *_):
        self.answer(200, document(name)[:-20], length=len(document(name)))
        self.close_connection = True

    def get_Q9(self, *_):
        self.answer(200, b'<html>Log in</html>', 'text/html')

    def get_Q10(self, *_):
        self.answer(302, Location='Q10.json')

    def get_Q11(self, *_):
        self.answer(301, Location='Q1.json')

    def get_Q12(self, *_):
        self.answer(200, document('Q1'))

    def get_Q13(self, *_):
        self.answer(404, b'<html>No entity</html>', 'text/html')

    def get_Q14(self, *_):
        self.answer(410)

    def get_Q15(self, *_):
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Transfer-Encoding', 'chunked')
        self.end_headers()
        for _ in range(1000):
            self.wfile.write(b'10000\r\n' + b' ' * 65536 + b'\r\n')
        self.wfile.write(b'0\r\n\r\n')

    def get_Q16(self, *_):
        self.answer(200, b'{', length=10**9)
        self.close_connection = True

    def get_Q17(self, *_):
        self.answer(200, b'{"entities":{"Q17":{"id":"Q17","claims":{')

    def get_Q18(self, name, revision, count):  # a replica that catches up
        self.answer(404 if revision and count < 4 else 200, document(name, 5 if count < 4 else 7))

    def get_Q19(self, name, *_):  # and one that does not
        self.answer(200, document(name, 5))

    def get_Q20(self, *_):
        self.answer(403, b'')

    def get_Q21(self, name, *_):
        self.answer(200, gzip.compress(document(name)), Content_Encoding='gzip')

    def get_Q22(self, *_):
        self.answer(200, b'{"entities":[]}')

    def get_Q23(self, name, _, count):
        if count == 1:
            self.close_connection = True
        else:
            self.answer(200, document(name))

    def get_Q24(self, *_):
        self.answer(200, gzip.compress(b' ' * 10_000_000), Content_Encoding='gzip')

    def get_Q25(self, name, revision, _):  # exactly the revision that is asked for
        self.answer(200, document(name, revision or 99))

    def get_Q26(self, *_):
        self.answer(302, Location='file:///etc/hostname')


def main():
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == '__main__':
    main()
