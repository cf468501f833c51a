# SPDX-License-Identifier: GPL-2.0-or-later
"""A wiki "own" of fake PHP workers that says what its settings are, and the runner that asks it."""
import json
import sys

from entities import single_value_property
from runner_process import ROOT, Runner, wait_until

WORKER = ROOT / "tests/support/fake_worker.py"
OWN = {"WBQualityConstraintsPropertyConstraintId": "P77",
       "WBQualityConstraintsSingleValueConstraintId": "Q88"}


def own_property(prop="P10"):
    """With a constraint by the ids of its own wiki."""
    document = single_value_property(prop, constraint="Q88")
    [[claim]] = document["claims"].values()
    claim["mainsnak"]["property"] = "P77"
    return {**document, "claims": {"P77": [claim]}}


class OwnWiki:
    """A wiki "own", its workers' folder, and the runner."""

    def __init__(self, conninfo, folder, settings=None, **more):
        self.folder = folder
        (folder / "only-files").touch()
        self.runner = Runner(conninfo, settings={
            "wiki.own.source": "php",
            "wiki.own.php_command": [sys.executable, WORKER, folder],
            **{f"wiki.own.{name}": value for name, value in (settings or {}).items()}, **more})

    def says(self, ids=None, units=None, wiki="own", **settings):
        answer = {"settings": settings, "ids": ids or {}}
        if wiki is not None:
            answer["wiki"] = wiki
        if units is not None:
            answer["unit_conversion"] = units
        path = self.folder / "settings.new"
        path.write_text(json.dumps(answer))
        path.rename(self.folder / "settings.json")

    def save(self, *documents):
        for document in documents:
            path = self.folder / f"{document['id']}.new"
            path.write_text(json.dumps(document))
            path.rename(self.folder / f"{document['id']}.json")

    def check(self, entity):
        assert self.runner.submit({"entity": entity}, wiki="own").status == 202

    def counts(self, entity):
        answer = self.runner.result(entity, "own")
        return answer.json["counts"] if answer.status == 200 else None

    def stored(self, entity):
        return wait_until(lambda: self.counts(entity))

    def warnings(self):
        """But those of the runner's other wiki, whose file is empty."""
        return [warning for warning in self.runner.get("/readyz").json["warnings"]
                if not warning.startswith("wiki.file: ")]
