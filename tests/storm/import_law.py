# SPDX-License-Identifier: GPL-2.0-or-later
"""What is true of an import that is complete: its list is that of one query over the wiki as it is, it
names what vanished, and its counts and problems say the same."""
import collections
import csv
import io

import psycopg

from commons_edits import IMPORTED
from commons_wiki import imported

Difference = collections.namedtuple("Difference", "kind page detail")

NEW, CHANGED, RENAMED, UNCHANGED = 1, 2, 3, 0
COUNTS = {UNCHANGED: "files_unchanged", NEW: "files_new", CHANGED: "files_changed",
          RENAMED: "files_renamed", 4: "files_vanished"}


def differences(conninfo, runner, wiki, ident, base=0, touched=()):
    """Of import `ident`, which was compared with `base`; `touched`: pages that were edited since."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        rows = {row[0]: row for row in imported(connection, ident)}
        before = {row[0]: row for row in imported(connection, base)} if base else {}
        said = {str(page): (change, name) for page, change, name in connection.execute(
            "SELECT page_id, change, previous_name FROM constraint_runner.commons_file "
            "WHERE import_id = %s", (ident,))}
        problems = {item.removeprefix("file:") for (item,) in connection.execute(
            "SELECT item FROM constraint_runner.import_problem WHERE import_id = %s AND counted",
            (ident,))}
    by_hand = {row[0]: row for row in wiki.expected(*IMPORTED)}
    yield from of_lists(rows, by_hand)
    yield from of_changes(said, before, by_hand, {str(page) for page in touched})
    yield from of_problems(problems, by_hand, members(wiki))
    status = runner.get(f"/v1/import/{ident}/status").json
    yield from of_status(status, collections.Counter(change for change, _ in said.values()),
                         len(rows), len(problems))
    yield from of_answer(runner, ident, by_hand)


def members(wiki):
    """Pages that are in the categories as files, whether they have one or not."""
    return {row[0] for row in wiki.rows("SELECT DISTINCT cl_from FROM categorylinks WHERE cl_type = "
                                        f"'file' AND {wiki.within(IMPORTED)}")}


def of_lists(rows, by_hand):
    for page, row in by_hand.items():
        if page not in rows:
            yield Difference("is missed", page, f"{row}")
        elif rows[page] != row:
            yield Difference("is another", page, f"has {rows[page]}, by hand {row}")
    for page in rows.keys() - by_hand.keys():
        yield Difference("is too much", page, f"{rows[page]}")


def of_changes(said, before, by_hand, touched):
    """What is different from the import before, by comparing both lists here."""
    for page, row in by_hand.items():
        change, previous = said.get(page, (None, None))
        old = before.get(page)
        right = (NEW if old is None else RENAMED if old[1] != row[1] else
                 CHANGED if old[2:] != row[2:] else UNCHANGED)
        if change is not None and (change, previous) != (right, old[1] if right == RENAMED else None):
            yield Difference("has another change", page,
                             f"{change} from {previous}, by hand {right}: {old} to {row}")
    vanished = {page for page, (change, _) in said.items() if change == 4}
    for page in before.keys() - by_hand.keys() - vanished:
        yield Difference("vanished and is not named", page, f"{before[page]}")
    for page in vanished & by_hand.keys():
        yield Difference("is named as vanished", page, f"{by_hand[page]}")
    for page in vanished - before.keys() - touched:
        yield Difference("is named as vanished and never was", page, "")


def of_problems(problems, by_hand, linked):
    without = linked - by_hand.keys()
    for page in without - problems:
        yield Difference("has no file and no problem", page, "")
    for page in problems - without:
        yield Difference("is a problem and has a file, or is no member", page, "")


def of_status(status, changes, count, failed):
    expected = {name: changes[change] for change, name in COUNTS.items()}
    expected |= {"status": "complete", "total_is": "known", "total": count + failed, "done": count,
                 "failed": failed, "files_imported": count}
    for name, value in expected.items():
        if status.get(name) != value:
            yield Difference("the status", name, f"is {status.get(name)}, should be {value}")


def of_answer(runner, ident, by_hand):
    """The list as Montage gets it."""
    body = runner.get(f"/v1/import/{ident}/files.csv", timeout=600).body.decode()
    rows = csv.reader(io.StringIO(body))
    column = next(rows).index("page_id")
    pages = collections.Counter(row[column] if len(row) > column else "".join(row) for row in rows)
    if pages != collections.Counter(by_hand.keys()):
        wrong = list((pages - collections.Counter(by_hand.keys())).items())[:5]
        yield Difference("the CSV", "", f"has {sum(pages.values())} rows for {len(by_hand)} files; "
                                        f"too much: {wrong}")
