# SPDX-License-Identifier: GPL-2.0-or-later
"""A small wiki whose answers take time, and that may run something at a request.

    with SlowWiki(documents, delay=lambda entity: 2.0) as wiki: ...
"""
import time

from small_wiki import SmallWiki


class SlowWiki(SmallWiki):
    def __init__(self, documents=(), delay=lambda entity: 0.0, at_request=lambda entity: None):
        super().__init__(documents)
        self.delay, self.at_request = delay, at_request

    def answer(self, path, query):
        entity = path.rsplit("/", 1)[-1].removesuffix(".json")
        self.at_request(entity)
        time.sleep(self.delay(entity))
        return super().answer(path, query)
