# SPDX-License-Identifier: GPL-2.0-or-later
"""Somebody who listens to GET /v1/events, in a thread of its own.

    with EventStream(runner, "?wiki=none") as stream:
        stream.wait_for(lambda: len(stream.events) == 3)
"""
import contextlib
import http.client
import json
import threading

from runner_process import wait_until


class Refused(Exception):
    """The answer was no stream; `.answer` has status, headers and the JSON."""

    def __init__(self, status, headers, body):
        super().__init__(f"{status} {body}")
        self.status, self.headers, self.body = status, headers, body


class EventStream:
    """`events` are the data of the events of `kind`, in the order in which they came; `last_id` is
    what a browser would send as Last-Event-ID; `end` the data of the event "end"; `ended` is
    "clean" or "broken" once the connection is gone."""

    def __init__(self, runner, query="", headers=None, kind="result"):
        self.kind = kind
        self.events, self.ids, self.comments = [], [], []
        self.last_id = self.end = self.ended = None
        self.connection = runner.connection(timeout=60)
        self.connection.request("GET", "/v1/events" + query, headers=headers or {})
        self.response = self.connection.getresponse()
        if self.response.status != 200:
            body = json.loads(self.response.read())
            self.connection.close()
            raise Refused(self.response.status, self.response.headers, body)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        with contextlib.suppress(OSError):
            self.connection.sock and self.connection.sock.shutdown(2)
            self.response.fp and self.response.fp.raw._sock.shutdown(2)
        self.thread.join(30)
        self.connection.close()

    def wait_for(self, what, seconds=30):
        return wait_until(what, seconds)

    def entities(self):
        return [e["entity"] for e in self.events]

    def _read(self):
        block = {}
        try:
            for line in self.response:
                line = line.decode().rstrip("\n")
                if line.startswith(":"):
                    self.comments.append(line[1:].strip())
                elif line:
                    name, _, value = line.partition(": ")
                    block[name] = value
                else:
                    self._take(block)
                    block = {}
            # http.client takes the end of the connection in front of a chunk for a good one
            self.ended = "clean" if self.end else "broken"
        except (OSError, ValueError, http.client.HTTPException):
            self.ended = "broken"

    def _take(self, block):
        if "id" in block:
            self.ids.append(block["id"])
        if "data" in block:
            data = json.loads(block["data"])
            if block["event"] == self.kind:
                assert data["id"] == block["id"]
                self.events.append(data)
            else:
                assert block["event"] == "end"
                self.end = data
        if "id" in block:
            self.last_id = block["id"]


def applied(pairs, events):
    """`pairs` ({(statement, constraint): status}) after these events."""
    pairs = dict(pairs)
    for event in events:
        for pair in event["appeared"]:
            pairs[pair["statement"], pair["constraint"]] = pair["status"]
        for pair in event["disappeared"]:
            pairs.pop((pair["statement"], pair["constraint"]), None)
        for pair in event["changed"]:
            pairs[pair["statement"], pair["constraint"]] = pair["to"]
    return pairs
