# SPDX-License-Identifier: GPL-2.0-or-later
"""Speaks as php-shim/maintenance/worker.php does, and misbehaves as it is told.

usage: fake_worker.py FOLDER [AT_START]

Each start leaves a line with its process id in FOLDER/starts. AT_START: "ends", "says-nothing",
"prints-text", "is-another-program", "ends-until-third" (the first two starts end). A request may
tell it what to do: {"do": WHAT}; without that it answers {"pid": …, "request": …}."""
import json
import os
import pathlib
import struct
import sys
import time


def write(number, text):
    data = text.encode()
    os.write(1, struct.pack(">II", len(data), number) + data)


def read_exactly(count):
    data = b""
    while len(data) < count:
        part = os.read(0, count - len(data))
        if not part:
            sys.exit(0)
        data += part
    return data


def entity(name, folder):
    document = folder / f"{name}.json"
    if document.exists():  # as it is now
        document = json.loads(document.read_text())
        return {"id": name, "state": "found", "revision": document["lastrevid"],
                "document": document}
    if (folder / "only-files").exists():
        return {"id": name, "state": "missing"}
    if name.startswith("Q4"):
        return {"id": name, "state": "missing"}
    if name.startswith("Q3"):
        return {"id": name, "state": "redirect", "target": "Q1"}
    kind = {"Q": "item", "P": "property", "L": "lexeme"}[name[0]]
    document = {"id": name, "type": kind, "claims": {}, "labels": {}}
    if kind == "lexeme":
        document["forms"] = [{"id": name + "-F1", "claims": {}}]
    if kind == "property":
        document["datatype"] = "string"
    return {"id": name, "state": "found", "revision": 7, "document": document}


def check(request, folder):
    """A violation for each requested constraint; the results of FOLDER/results for all of them."""
    name = request["entity"]
    found = entity(name, folder)
    if found["state"] != "found":
        return found
    results, violations = [], []
    for constraint in request.get("constraints", []):
        prop = constraint.split("$")[0]
        guid = found["document"]["claims"][prop][0]["id"]
        results.append({"|": {"t": "statement", "i": name, "p": prop, "g": guid, "h": ""},
                        "c": {"id": constraint, "pid": prop, "qid": "Q1234"}, "s": "violation",
                        "CM": [], "m": {"k": "only-wbqc", "a": []}})
        violations.append({"statement": guid, "constraint_id": constraint,
                           "property": int(prop[1:]), "type": "Q1234", "status": "violation",
                           "message_key": "only-wbqc"})
    if "constraints" not in request and (folder / "results").exists():
        results = json.loads((folder / "results").read_text())
    return {"id": name, "state": "found", "revision": found["revision"], "duration_us": 1,
            "counts": {"violation": len(violations)}, "violations": violations,
            "value": {"results": results, "latestRevisionIds": {name: found["revision"]}},
            "results": results}


def once(folder, name):
    """True for the first process that asks."""
    try:
        os.close(os.open(folder / name, os.O_CREAT | os.O_EXCL))
        return True
    except FileExistsError:
        return False


def obey(what, number, request, folder):
    if what == "die":
        print("out of memory, as it were", file=sys.stderr, flush=True)
        os._exit(3)
    if what == "die-once" and once(folder, "died"):
        os._exit(3)
    if what == "hang":
        time.sleep(600)
    if what == "hang-with-child":
        child = os.fork()
        if child == 0:
            time.sleep(600)
        (folder / "child").write_text(str(child))
        time.sleep(600)
    if what == "print":
        os.write(1, b"Warning: Undefined variable in line 7\n")
        time.sleep(600)
    if what == "half":
        os.write(1, struct.pack(">II", 1000, number) + b"{")
        os._exit(0)
    if what == "slowly":
        data = b'{"slow":true}'
        for byte in struct.pack(">II", len(data), number) + data:
            os.write(1, bytes([byte]))
            time.sleep(0.002)
        return
    if what == "large":
        write(number, json.dumps("x" * request["size"]))
        return
    if what == "wrong-number":
        write(number + 1, "{}")
        return
    if what == "twice":
        write(number, '{"first":1}')
        write(number, '{"second":2}')
        return
    if what == "complain":
        os.write(2, b"PHP Notice:  something\n" * 20_000)
    if what == "error":
        write(number, '{"error":{"code":"failed","message":"the database is unavailable"}}')
        return
    write(number, json.dumps({"pid": os.getpid(), "request": request}))


def main():
    folder = pathlib.Path(sys.argv[1])
    at_start = sys.argv[2] if len(sys.argv) > 2 else ""
    with open(folder / "starts", "a", encoding="ascii") as file:
        file.write(f"{os.getpid()}\n")
    starts = len((folder / "starts").read_text().splitlines())
    if at_start == "ends" or (at_start == "ends-until-third" and starts < 3):
        print("no LocalSettings.php", file=sys.stderr, flush=True)
        sys.exit(4)
    if at_start == "says-nothing":
        time.sleep(600)
    if at_start == "prints-text":
        print("Set up the wiki first, please: there is no LocalSettings.php", flush=True)
    greeting = "constraint-runner/1" if at_start != "is-another-program" else "other"
    types = (folder / "types").read_text().split() if (folder / "types").exists() else []
    hello = {"worker": greeting, "wiki": "testwiki", "types": types}
    if (folder / "wbqc").exists():
        hello["wbqc"] = (folder / "wbqc").read_text()
    write(0, json.dumps(hello))
    while True:
        length, number = struct.unpack(">II", read_exactly(8))
        request = json.loads(read_exactly(length))
        if request.get("service") == "entities":
            if "Q666" in request["ids"]:
                obey("error", number, request, folder)
                continue
            if "Q667" in request["ids"]:
                write(number, '{"entities":[]}')
                continue
            (folder / "asked").open("a").write(json.dumps(request) + "\n")
            write(number, json.dumps({"entities": [entity(i, folder) for i in request["ids"]]}))
        elif request.get("service") == "settings":
            told = folder / "settings.json"  # else as workers of an older extension
            write(number, told.read_text() if told.exists() else
                  '{"error":{"code":"bad_request","message":"no such service"}}')
        elif request.get("service") == "check":
            write(number, json.dumps(check(request, folder)))
        else:
            obey(request.get("do"), number, request, folder)


main()
