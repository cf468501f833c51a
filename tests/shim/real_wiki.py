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

# The stand-ins of WBQC and Wikibase say who checked, and label everything in their own way.
needs_standins = pytest.mark.skipif(
    FOLDER is not None, reason="SKIPPED: in a real wiki it can't be told who checked")
needs_movable_pages = pytest.mark.skipif(
    FOLDER is not None, reason="SKIPPED: Wikibase lets nobody move the pages of entities")


class RealWiki(Wiki):
    user = "ConstraintTests"

    def __init__(self, *arguments):
        self.titles = {}
        super().__init__(*arguments)

    def _install(self):
        self._configure(self.mediawiki / "LocalSettings.php", f"""
$wgServer = {self.url!r};
$wgScriptPath = '';
$wgScript = '/index.php';
$wgArticlePath = '/index.php/$1';
$wgUsePathInfo = true;
$wgWBRepoSettings['allowEntityImport'] = true;
""")
        self.maintenance("createAndPromote", "--force", "--sysop", "--bureaucrat", self.user, PASSWORD)

    def prepare(self):
        for entity in ("P2302", "P31", "P279"):
            self.save({"type": "property", "datatype": "wikibase-item", "id": entity, "labels": {},
                       "claims": {}})

    def title(self, entity):
        found = self._info(entity)
        if "title" in found:
            self.titles[entity] = found["title"]
        return self.titles[entity]  # of one that was deleted: as it was

    def _info(self, entity):
        return self.api(action="wbgetentities", ids=entity, props="info",
                        redirects="no")["entities"][entity]

    def save(self, document):
        """An item that is there is edited as people do it; what is new needs its ID, and properties
        name items that nobody made. What an earlier run of the tests left is purged, since an edit
        that changes nothing is none."""
        before = self._info(document["id"])
        if document.get("type") == before.get("type") == "item":
            revision = self._edit(document)
        else:
            done = self.maintenance(str(SAVE), "--user", self.user, stdin=json.dumps(document))
            revision = int(done.stdout.strip().splitlines()[-1])
        if document.get("type") == "property":  # WBQC imports its constraints by a job
            self.run_jobs("constraintsTableUpdate")
        if revision == before.get("lastrevid"):
            self.api(True, action="purge", titles=before["title"])
        return revision

    def _edit(self, document):
        data = {key: document[key] for key in ("labels", "claims")}
        answer = self.api(True, action="wbeditentity", id=document["id"], clear="1",
                          data=json.dumps(data), token=self.token())
        assert answer.get("success"), answer
        return answer["entity"]["lastrevid"]
