# SPDX-License-Identifier: GPL-2.0-or-later
"""A client of the runner's imports of Commons files, with Python's standard library alone: over its
Unix socket or over TCP.

    client = ImportClient('/run/constraint-runner/runner.sock')
    # or ImportClient('http://127.0.0.1:8090', token=pathlib.Path('token').read_text().strip())
    job = client.start_category(['Images from Wiki Loves Monuments 2025 in France'])
    status = client.wait(job, progress=print)
    for file in client.files(job):
        print(file['img_name'], file['img_user'])

Each file has the names of Montage's columns; ImportFailed says why there are none."""
import http.client
import json
import socket
import time
import urllib.parse

OVER = ('complete', 'failed', 'cancelled', 'paused')


class RequestRefused(Exception):
    """The runner refused a request: `code` for programs, `field` of the request that is wrong."""

    def __init__(self, status, code, message, field=None):
        super().__init__(message)
        self.status, self.code, self.field = status, code, field


class RunnerUnavailable(Exception):
    """No runner listens, or its database is away: the same request may succeed later."""


class ImportFailed(Exception):
    """An import ended without success; `code` for programs ("no_such_category")."""

    def __init__(self, status):
        error = status.get('error') or {}
        super().__init__(error.get('message') or f"the import is {status['status']}")
        self.code, self.status = error.get('code') or status['status'], status


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__('runner', timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class ImportClient:
    def __init__(self, address, wiki=None, timeout=30, token=None):
        """`address`: the path of the socket, or http://HOST:PORT, which needs a `token`. `wiki`:
        needed when several wikis of the runner have a replica."""
        self.address, self.wiki, self.timeout, self.token = address, wiki, timeout, token

    def _connection(self):
        if self.address.startswith('/'):
            return _UnixConnection(self.address, self.timeout)
        parts = urllib.parse.urlsplit(self.address)
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=self.timeout)

    def _open(self, method, path, body=None):
        connection = self._connection()
        headers = {'Content-Type': 'application/json'} if body is not None else {}
        if self.token:
            headers['Authorization'] = f'Bearer {self.token}'
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None,
                               headers)
            answer = connection.getresponse()
        except OSError as error:
            connection.close()
            raise RunnerUnavailable(f'{self.address}: {error}') from error
        if answer.status < 400:
            return connection, answer
        text = answer.read()
        connection.close()
        try:
            error = json.loads(text)['error']
        except (ValueError, KeyError, TypeError):
            error = {'code': 'error', 'message': text.decode(errors='replace')}
        if answer.status == 503:
            raise RunnerUnavailable(error['message'])
        raise RequestRefused(answer.status, error['code'], error['message'], error.get('field'))

    def _ask(self, method, path, body=None):
        connection, answer = self._open(method, path, body)
        try:
            return json.loads(answer.read())
        finally:
            connection.close()

    def _start(self, request):
        if self.wiki:
            request['wiki'] = self.wiki
        return self._ask('POST', '/v1/import', request)['job_id']

    def start_category(self, names, dry_run=False, **more):
        """The number of the import; of the same categories one is under way at a time. `more`:
        depth, exclude, filter, label, notify and the other fields of a request."""
        return self._start({'import_method': 'category', 'categories': list(names),
                            'dry_run': dry_run, **more})

    def refresh(self, job):
        """Looks up the files of a complete import again; `items` of this new import say which were
        renamed, replaced or deleted since."""
        return self._start({'import_method': 'files', 'of_import': job})

    def start_files(self, names=None, page_ids=None, csv=None, address=None, filter=None,
                    dry_run=None, **more):
        """Of a list of files: names, numbers of pages, the text of a CSV or of a column, or the
        `address` of a list that the runner fetches (PetScan, a query service, a published sheet)."""
        given = {'files': names, 'page_ids': page_ids, 'csv': csv, 'address': address,
                 'filter': filter, 'dry_run': dry_run}
        return self._start({'import_method': 'files',
                            **{key: value for key, value in given.items() if value is not None},
                            **more})

    def status(self, job):
        return self._ask('GET', f'/v1/import/{job}')

    def wait(self, job, progress=None, interval=0.5, patience=60):
        """The status once the import is complete. Raises ImportFailed otherwise. A runner that is
        restarted meanwhile is waited for, for `patience` seconds."""
        answered = time.monotonic()
        while True:
            try:
                status = self.status(job)
                answered = time.monotonic()
            except RunnerUnavailable:
                if time.monotonic() - answered > patience:
                    raise
            else:
                if progress:
                    progress(status)
                if status['status'] == 'complete':
                    return status
                if status['status'] in OVER:
                    raise ImportFailed(status)
            time.sleep(interval)

    def cancel(self, job):
        return self._ask('DELETE', f'/v1/import/{job}')

    def files(self, job, sort='name', change=None, since=None):
        """All files, one after the other, of one answer that is read as it comes; with `since` what
        differs from that import. Raises RunnerUnavailable when it ends too early."""
        query = {'format': 'ndjson', **({'since': since} if since else {'sort': sort}),
                 **({'change': change} if change else {})}
        connection, answer = self._open(
            'GET', f'/v1/import/{job}/files?{urllib.parse.urlencode(query)}')
        try:
            for line in answer:
                file = json.loads(line)
                if 'complete' not in file:
                    yield file
                    continue
                if not file['complete']:
                    raise RunnerUnavailable(file['partial'])
                return
            raise RunnerUnavailable('the list ended too early')
        except (OSError, http.client.HTTPException) as error:
            raise RunnerUnavailable(str(error)) from error
        finally:
            connection.close()

    def _pages(self, job, what, query=''):
        after = 0
        while after is not None:
            page = self._ask('GET', f'/v1/import/{job}/{what}?limit=1000&after={after}{query}')
            yield from page[what]
            after = page.get('next')

    def problems(self, job):
        """What could not be imported, each with `item`, `code` and `reason`."""
        return self._pages(job, 'problems')

    def items(self, job, outcome=None, replaced=None):
        """Of an import of a list: what each of its items was found to be."""
        return self._pages(job, 'items', (f'&outcome={outcome}' if outcome else '') + (
            '' if replaced is None else f'&replaced={str(replaced).lower()}'))

    def delete(self, job):
        """Deletes the files, items and problems of an import that is over."""
        return self._ask('DELETE', f'/v1/import/{job}/data')
