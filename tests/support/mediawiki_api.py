#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A wiki that answers action=query&titles=… as MediaWiki's api.php does (ApiPageSet): titles are
normalized, redirects followed, missing and invalid pages told. The folder in the URL is a fault:
/429/api.php is refused the first time, /garbage/api.php gives no JSON, and so on; see `faults`.

As a program it prints its port on 127.0.0.1 on the first line, and ends when its standard input
does; /stats tells what was asked. Tests in Python use the class Api."""
import collections
import html
import http.server
import json
import os
import re
import sys
import threading
import time
import unicodedata
import urllib.parse

NAMESPACES = {'file': (6, 'File'), 'image': (6, 'File'), 'category': (14, 'Category'),
              'data': (486, 'Data'), 'creator': (100, 'Creator'), 'user': (2, 'User'),
              'special': (-1, 'Special')}
INTERWIKI = {'fr', 'w', 'wikipedia'}
ILLEGAL = re.compile('[\x00-\x1f\x7f\\[\\]{}|<>\ufffd]|%[0-9A-Fa-f]{2}|&[A-Za-z0-9]+;|~~~')
PAGES = ('There', 'Foo', 'A', 'Ärger', 'File:There.jpg', 'File:There again.jpg', 'File:A&B.jpg',
         'File:Café.jpg', 'Category:There', 'Data:There.map', 'Creator:There',
         *(f'File:Picture {n}.jpg' for n in range(0, 1000, 2)))
REDIRECTS = {'File:Moved.jpg': 'File:There.jpg', 'File:Moved twice.jpg': 'File:Moved.jpg',
             'File:Broken.jpg': 'File:Gone.jpg', 'Loop': 'Loop 2', 'Loop 2': 'Loop',
             'Away': 'fr:Away'}


class Invalid(Exception):
    pass


def cleaned(text):
    """WebRequest::normalizeUnicode."""
    text = re.sub('[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]', '\ufffd', text)
    return unicodedata.normalize('NFC', text)


def parsed(text):
    """The interwiki prefix or None, and the prefixed text, as MediaWikiTitleCodec reads a title."""
    text = re.sub('[ _\xa0\u2000-\u200a\u2028\u2029\u3000]+', ' ', html.unescape(text)).strip()
    text = text.removeprefix(':').strip()
    if not text:
        raise Invalid('title-invalid-empty')
    namespace, prefix = 0, ''
    start, colon, rest = text.partition(':')
    if colon and start.strip().lower() in NAMESPACES:
        namespace, prefix = NAMESPACES[start.strip().lower()]
        text = rest.strip()
    elif colon and start.strip().lower() in INTERWIKI:
        return start.strip().lower(), f'{start.strip().lower()}:{rest.strip()}'
    text = text.partition('#')[0].rstrip()
    if ILLEGAL.search(text):
        raise Invalid('title-invalid-characters')
    if not text or text in ('.', '..'):
        raise Invalid('title-invalid-empty')
    if len(text.encode()) > 255:
        raise Invalid('title-invalid-too-long')
    del namespace
    return None, (prefix + ':' if prefix else '') + text[0].upper() + text[1:]


def query(titles_parameter, pages=PAGES, redirects=None, old_format=False):
    """The JSON of the answer."""
    redirects = REDIRECTS if redirects is None else redirects
    raw = list(dict.fromkeys(titles_parameter.split('|')))
    if len(raw) > 50:
        return {'error': {'code': 'toomanyvalues', 'info': 'Too many values supplied.'}}
    if titles_parameter == '':
        return {'batchcomplete': True}
    normalized, interwiki, moved, records = {}, {}, {}, {}
    for asked in raw:
        title = cleaned(asked)
        if title != asked:
            normalized[asked] = title
        try:
            other_wiki, text = parsed(title)
        except Invalid as reason:
            records[title] = {'title': title, 'invalidreason': str(reason), 'invalid': True}
            continue
        if text != title:
            normalized[title] = text
        seen = []
        while text in redirects and text not in seen and not other_wiki:
            seen.append(text)
            moved[text] = redirects[text]
            other_wiki, text = parsed(redirects[text])
        if other_wiki:
            interwiki[text] = other_wiki
        elif text in seen:
            pass  # a loop has no page
        elif text in pages or text == 'Special:Version':
            records[text] = {'pageid': 1 + len(records), 'title': text}
        else:
            records[text] = {'title': text, 'missing': True}
    answer = {}
    if normalized:
        answer['normalized'] = [
            {'fromencoded': k != cleaned(k), 'to': v,
             'from': urllib.parse.quote(k, safe='') if k != cleaned(k) else k}
            for k, v in normalized.items()]
    if moved:
        answer['redirects'] = [{'from': k, 'to': v} for k, v in moved.items()]
    if interwiki:
        answer['interwiki'] = [{'title': k, 'iw': v} for k, v in interwiki.items()]
    if records and old_format:
        answer['pages'] = {
            str(r.get('pageid', -i)): {k: '' if v is True else v for k, v in r.items()}
            for i, r in enumerate(records.values(), 1)}
    elif records:
        answer['pages'] = list(records.values())
    return {'batchcomplete': True, 'query': answer}


class Api:
    """A server in a thread. `fault` holds for all requests that name none; `asked` are the
    requests: (method, titles)."""

    def __init__(self, pages=PAGES, port=0):
        self.pages, self.fault, self.asked = set(pages), '', []
        self.seen = collections.Counter()  # by fault
        self.agents, self.open_now, self.most_open = set(), 0, 0
        self.lock = threading.Lock()
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            disable_nagle_algorithm = True

            def log_message(self, *_):
                pass

            def do_GET(self):
                api.handle(self, urllib.parse.urlsplit(self.path).query)

            def do_POST(self):
                length = int(self.headers['Content-Length'])
                form = self.rfile.read(length).decode()
                assert self.headers['Content-Type'] == 'application/x-www-form-urlencoded'
                api.handle(self, form)

        http.server.ThreadingHTTPServer.daemon_threads = True
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', port), Handler)
        self.port = self.server.server_address[1]
        self.url = f'http://127.0.0.1:{self.port}/w/api.php'
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def titles(self):
        """All that were asked for, request by request."""
        with self.lock:
            return [titles.split('|') for _, titles in self.asked]

    def handle(self, request, text):
        path = urllib.parse.urlsplit(request.path).path.strip('/').split('/')
        if path == ['stats']:
            with self.lock:
                stats = {'asked': self.asked, 'agents': sorted(self.agents),
                         'most_open': self.most_open}
            self.answer(request, 200, json.dumps(stats))
            return
        fault = path[0] if path[0] != 'w' else self.fault
        parameters = dict(urllib.parse.parse_qsl(text, keep_blank_values=True))
        with self.lock:
            self.seen[fault] += 1
            count = self.seen[fault]
            self.asked.append((request.command, parameters.get('titles', '')))
            self.agents.add(request.headers.get('User-Agent', ''))
            self.open_now += 1
            self.most_open = max(self.most_open, self.open_now)
        try:
            if not self.faults(request, fault, count, parameters):
                self.answer(request, 200, json.dumps(
                    query(parameters['titles'], self.pages, old_format=fault == 'old')))
        except (BrokenPipeError, ConnectionResetError):
            request.close_connection = True
        finally:
            with self.lock:
                self.open_now -= 1

    @staticmethod
    def answer(request, status, body, content_type='application/json', **headers):
        body = body.encode() if isinstance(body, str) else body
        request.send_response(status)
        request.send_header('Content-Type', content_type)
        request.send_header('Content-Length', str(len(body)))
        for name, value in headers.items():
            request.send_header(name.replace('_', '-'), str(value))
        request.end_headers()
        request.wfile.write(body)

    def faults(self, request, fault, count, parameters):
        """True when the request was answered, wrongly."""
        told = None
        if fault == '503':
            self.answer(request, 503, '<html>', 'text/html')
        elif fault == '404':
            self.answer(request, 404, '<html>', 'text/html')
        elif fault == '429' and count == 1:
            self.answer(request, 429, '', Retry_After=1)
        elif fault == 'blocked':
            self.answer(request, 429, '', Retry_After=3600)
        elif fault == 'maxlag' and count == 1:
            told = {'code': 'maxlag', 'info': 'Waiting for db1: 7 seconds lagged.', 'lag': 7}
            self.answer(request, 200, json.dumps({'error': told}), Retry_After=1)
        elif fault == 'denied':
            told = {'code': 'readapidenied', 'info': 'You need read permission.'}
            self.answer(request, 200, json.dumps({'error': told}))
        elif fault == 'garbage':
            self.answer(request, 200, '<html>Log in</html>', 'text/html')
        elif fault == 'cut':
            self.answer(request, 200, json.dumps(query(parameters['titles'], self.pages))[:-10])
        elif fault == 'empty':
            self.answer(request, 200, '{"batchcomplete":true}')
        elif fault == 'slow':
            time.sleep(1.5)
            return False
        elif fault == 'busy':
            time.sleep(0.05)
            return False
        elif fault == 'moved':
            self.answer(request, 301, '', Location='/w/api.php')
        elif fault == 'forgetful' and '|' in parameters['titles']:
            rest = parameters['titles'].partition('|')[2]  # says nothing about the first
            self.answer(request, 200, json.dumps(query(rest, self.pages)))
        else:
            return False
        return True


def main():
    print(Api().port, flush=True)
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == '__main__':
    main()
