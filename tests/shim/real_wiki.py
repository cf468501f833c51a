# SPDX-License-Identifier: GPL-2.0-or-later
"""A wiki with Wikibase and WikibaseQualityConstraints as they are, for the same tests: SHIM_WIKI names
the folder of its MediaWiki, whose LocalSettings.php loads both and knows a database. The tests write
entities with fixed IDs (P10, Q100 …) into it: take one that is made for tests."""
import json
import os
import pathlib

import pytest

from wiki import PASSWORD, Wiki

SAVE = pathlib.Path(__file__).resolve().parent / "SaveEntity.php"
FOLDER = os.environ.get("SHIM_WIKI")

# The stand-ins of WBQC and Wikibase say who checked, and label everything in a way of their own.
needs_standins = pytest.mark.skipif(
    FOLDER is not None, reason="SKIPPED: in a real wiki it can't be told who checked")


class RealWiki(Wiki):
    user = "ConstraintTests"

    def _install(self):
        self._configure(self.mediawiki / "LocalSettings.php", f"""
$wgServer = {self.url!r};
$wgScriptPath = '';
$wgScript = '/index.php';
$wgArticlePath = '/index.php/$1';
$wgUsePathInfo = true;
""")
        self.maintenance("createAndPromote", "--force", "--sysop", "--bureaucrat", self.user, PASSWORD)

    def prepare(self):
        for entity in ("P2302", "P31", "P279"):
            self.save({"type": "property", "datatype": "wikibase-item", "id": entity, "labels": {},
                       "claims": {}})

    def title(self, entity):
        found = self.api(action="wbgetentities", ids=entity, props="info", redirects="no")
        return found["entities"][entity]["title"]

    def save(self, document):
        done = self.maintenance(str(SAVE), "--user", self.user, stdin=json.dumps(document))
        if document.get("type") == "property":  # WBQC imports its constraints by a job
            self.run_jobs("constraintsTableUpdate")
        return int(done.stdout.strip().splitlines()[-1])
