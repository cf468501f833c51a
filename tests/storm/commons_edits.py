# SPDX-License-Identifier: GPL-2.0-or-later
"""A Commons that is edited at random while its categories are imported, and that moves from the old
tables to the new ones in between.

The wiki's own state is not modelled here: when MariaDB is killed in the middle of an edit, half of it is
done, and what there is at the end says the query by hand."""
import collections
import datetime
import random
import threading

from commons_switch import LaterTables, publish
from commons_wiki import CommonsWiki, quoted

# Each at its own second, in an order that is not that of pages; and all at one second with one sort key.
SPREAD, EQUAL, BESIDE = "Monuments", "Castles", "Elsewhere"
IMPORTED = (SPREAD, EQUAL)
KINDS = ("rename", "rename", "reupload", "reupload", "add", "add", "move", "move", "delete", "also",
         "take_out", "lose", "rename_slowly", "name_again", "widen")
AWAY = ("Lost connection", "Can't connect", "gone away", "ERROR 2002", "ERROR 2006", "ERROR 2013",
        "shutdown in progress")


def make_wiki(mariadb, files, database="commons", new=False):
    """Half of the files are spread, half are equal, and a tenth more are in neither category."""
    wiki = CommonsWiki(mariadb, database, new=new)
    for title in (*IMPORTED, BESIDE):
        wiki.category(title)
    half = files // 2
    wiki.files(SPREAD, 1, half)
    wiki.sql("UPDATE categorylinks SET cl_timestamp = '2024-01-01' + INTERVAL "
             f"(cl_from * 7919) % {half} SECOND")
    wiki.files(EQUAL, half + 1, files)
    wiki.sql(f"UPDATE categorylinks SET cl_sortkey = 'SAME', cl_timestamp = cl_timestamp "
             f"WHERE cl_from > {half}")
    wiki.files(BESIDE, files + 1, files + max(20, files // 10))
    wiki.sql("ANALYZE TABLE " + ", ".join(row[0] for row in wiki.rows("SHOW TABLES")))
    return wiki


class Edits:
    """About `rate` files a second change, from start() until end(). `views`: the database and the user
    for which views are made anew when tables change."""

    def __init__(self, seed, wiki, files, rate, views):
        self.wiki, self.rate, self.views = wiki, rate, views
        self.chance = random.Random(f"{seed}/edits")
        self.last = files + max(20, files // 10)  # page
        self.number = 0                           # of names, and of times of uploads
        self.touched = set()
        self.later = LaterTables(wiki)
        self.counts = collections.Counter()
        self.problems = []
        self.ending = threading.Event()
        self.edit = threading.Lock()  # one edit, or one step of the switch, at a time
        self.thread = None

    def start(self):
        self.ending.clear()
        self.thread = threading.Thread(target=self._loop, daemon=True)
        self.thread.start()

    def end(self):
        self.ending.set()
        if self.thread:
            self.thread.join(120)

    # -- the switch ----------------------------------------------------------------------------

    def switch_links(self):
        """What changed since the new tables were filled is taken over before the wiki writes to them
        alone. As in production, views are made anew a moment later."""
        with self.edit:
            self.later.fill(sorted(self.touched))
            self.later.show_links()
            self.ending.wait(0.3)
            publish(self.wiki, *self.views)

    def switch_files(self):
        """The old tables stay as they are now, until drop_old()."""
        with self.edit:
            self.later.fill(sorted(self.touched))
            self.later.show_files()
            # on a real Commons somebody uploads within the next second
            self._reupload(self.wiki.rows("SELECT page_id FROM page JOIN file ON file_name = "
                                          "page_title AND file_deleted = 0 LIMIT 1")[0][0])
            publish(self.wiki, *self.views)

    def drop_old(self):
        with self.edit:
            self.later.drop_old()
            self.ending.wait(0.3)
            publish(self.wiki, *self.views)

    # -- edits ---------------------------------------------------------------------------------

    def _loop(self):
        while not self.ending.is_set():
            kind = self.chance.choice(KINDS)
            changed = 1
            with self.edit:
                try:
                    changed = getattr(self, "_" + kind)(*self._pages(kind))
                    self.counts[kind] += changed
                except RuntimeError as error:
                    if not any(text in str(error) for text in AWAY):
                        self.problems.append(f"edit {kind}: {error}")
                        return
                    self.counts["edits cut off by a kill of MariaDB"] += 1
            self.ending.wait(max(changed, 1) / self.rate)

    def _pages(self, kind):
        """Some, of a kind that can take several at once."""
        most = 1 if kind in ("add", "rename_slowly", "name_again") else max(12, int(self.rate // 8))
        pages = [self.chance.randint(1, self.last) for _ in range(self.chance.randint(1, most))]
        self.touched.update(pages)
        return pages

    def _new_name(self, page):
        self.number += 1
        return f"{self.chance.choice(('Aaa', 'Mmm', 'Zzz'))}_{self.number}_{page}.jpg"

    def _time(self):
        """Of being put into a category: now, or when a transaction began that committed late."""
        return self.chance.choice((None, None, None, "2023-06-01", "2024-01-02 03:04:05"))

    def _member(self, title):
        return f"SELECT cl_from FROM categorylinks WHERE {self.wiki.within([title])}"

    def _rename(self, *pages):
        renamings = [(page, name, self._new_name(page)) for page, name in self.wiki.titles(pages)]
        self.wiki.rename_all(renamings)
        return len(renamings)

    def _rename_slowly(self, *pages):
        """The page first; for a moment, or for good when MariaDB is killed, it has no file."""
        for page, name in self.wiki.titles(pages):
            to = quoted(self._new_name(page))
            self.wiki.sql(f"UPDATE page SET page_title = {to} WHERE page_id = {page}")
            self.ending.wait(self.chance.uniform(0, 0.3))
            self.wiki.sql(
                f"UPDATE file SET file_name = {to} WHERE file_name = {quoted(name)}"
                if self.wiki.new else
                f"START TRANSACTION; UPDATE image SET img_name = {to} WHERE img_name = "
                f"{quoted(name)}; UPDATE oldimage SET oi_name = {to} WHERE oi_name = "
                f"{quoted(name)}; COMMIT")
        return 1

    def _name_again(self, *pages):
        """A new file takes the name that another one had."""
        for page, name in self.wiki.titles(pages):
            self.wiki.rename_all([(page, name, self._new_name(page))])
            self._add_files(1, quoted(name))
        return 1

    def _reupload(self, *pages):
        self.number += 1
        time = datetime.datetime(2027, 1, 1) + datetime.timedelta(seconds=self.number)
        names = [name for _, name in self.wiki.titles(pages)]
        self.wiki.reupload_all(names, time.strftime("%Y%m%d%H%M%S"))
        return len(names)

    def _add(self, _):
        most = max(12, int(self.rate // 8))
        return self._add_files(self.chance.randint(1, most), "CONCAT('New_', seq, '.jpg')")

    def _add_files(self, count, name):
        first, self.last = self.last + 1, self.last + count
        self.touched.update(range(first, self.last + 1))
        self.wiki.files(self.chance.choice((*IMPORTED, BESIDE)), first, self.last, name,
                        time=self._time())
        return count

    def _move(self, *pages):
        out, into = self.chance.sample((*IMPORTED, BESIDE), 2)
        listed = self._listed(pages)
        was_in = f"page_id IN ({','.join(self._of(listed, self._member(out))) or '0'})"
        if self.chance.random() < 0.5:  # for a moment in both, or in neither
            self._put_in(was_in, into)
            self.wiki.take_out(was_in, out)
        else:
            self.wiki.take_out(was_in, out)
            self._put_in(was_in, into)
        return len(pages)

    def _also(self, *pages):
        self._put_in(self._listed(pages), self.chance.choice(IMPORTED))
        return len(pages)

    def _take_out(self, *pages):
        self.wiki.take_out(self._listed(pages), self.chance.choice(IMPORTED))
        return len(pages)

    def _delete(self, *pages):
        self.wiki.delete_files(self._listed(pages))
        return len(pages)

    def _lose(self, *pages):
        """A deletion of which the links' part is late."""
        self.wiki.lose_files(self._listed(pages))
        return len(pages)

    def _widen(self, *pages):
        """New measures of the same version; the new tables give no sign of that."""
        if self.wiki.new:
            return 0
        self.wiki.widen(self._listed(pages))
        return len(pages)

    @staticmethod
    def _listed(pages):
        return f"page_id IN ({','.join(map(str, pages))})"

    def _of(self, listed, members):
        return [row[0] for row in self.wiki.rows(
            f"SELECT page_id FROM page WHERE {listed} AND page_id IN ({members})")]

    def _put_in(self, listed, title):
        self.wiki.put_in(f"{listed} AND NOT EXISTS ({self._member(title)} AND cl_from = page_id)", title,
                         time=self._time())
