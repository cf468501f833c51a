# SPDX-License-Identifier: GPL-2.0-or-later
"""A small Wikimedia Commons in MariaDB: MediaWiki's tables as it defines them, in both
generations, and categories with files in them.

    wiki = CommonsWiki(mariadb, "commons", new=False)
    wiki.category("Bridges"); wiki.files("Bridges", 1, 60_000)"""
import psycopg

COMMON = """
CREATE TABLE page (
  page_id INT UNSIGNED AUTO_INCREMENT NOT NULL, page_namespace INT NOT NULL,
  page_title VARBINARY(255) NOT NULL, page_is_redirect TINYINT UNSIGNED DEFAULT 0 NOT NULL,
  page_is_new TINYINT UNSIGNED DEFAULT 0 NOT NULL, page_random DOUBLE PRECISION UNSIGNED NOT NULL,
  page_touched BINARY(14) NOT NULL, page_links_updated BINARY(14) DEFAULT NULL,
  page_latest INT UNSIGNED NOT NULL, page_len INT UNSIGNED NOT NULL,
  page_content_model VARBINARY(32) DEFAULT NULL, page_lang VARBINARY(35) DEFAULT NULL,
  UNIQUE INDEX page_name_title (page_namespace, page_title), INDEX page_random (page_random),
  INDEX page_len (page_len),
  INDEX page_redirect_namespace_len (page_is_redirect, page_namespace, page_len),
  PRIMARY KEY (page_id)) DEFAULT CHARSET=binary;
CREATE TABLE redirect (
  rd_from INT UNSIGNED DEFAULT 0 NOT NULL, rd_namespace INT DEFAULT 0 NOT NULL,
  rd_title VARBINARY(255) DEFAULT '' NOT NULL, rd_interwiki VARBINARY(32) DEFAULT NULL,
  rd_fragment VARBINARY(255) DEFAULT NULL, INDEX rd_ns_title (rd_namespace, rd_title, rd_from),
  PRIMARY KEY (rd_from)) DEFAULT CHARSET=binary;
CREATE TABLE actor (
  actor_id BIGINT UNSIGNED AUTO_INCREMENT NOT NULL, actor_user INT UNSIGNED DEFAULT NULL,
  actor_name VARBINARY(255) NOT NULL, UNIQUE INDEX actor_user (actor_user),
  UNIQUE INDEX actor_name (actor_name), PRIMARY KEY (actor_id)) DEFAULT CHARSET=binary;
CREATE TABLE category (
  cat_id INT UNSIGNED AUTO_INCREMENT NOT NULL, cat_title VARBINARY(255) NOT NULL,
  cat_pages INT DEFAULT 0 NOT NULL, cat_subcats INT DEFAULT 0 NOT NULL,
  cat_files INT DEFAULT 0 NOT NULL, UNIQUE INDEX cat_title (cat_title),
  INDEX cat_pages (cat_pages), PRIMARY KEY (cat_id)) DEFAULT CHARSET=binary;
CREATE TABLE logging (
  log_id INT UNSIGNED AUTO_INCREMENT NOT NULL, log_type VARBINARY(32) DEFAULT '' NOT NULL,
  log_action VARBINARY(32) DEFAULT '' NOT NULL,
  log_timestamp BINARY(14) DEFAULT '19700101000000' NOT NULL, log_actor BIGINT UNSIGNED NOT NULL,
  log_namespace INT DEFAULT 0 NOT NULL, log_title VARBINARY(255) DEFAULT '' NOT NULL,
  log_page INT UNSIGNED DEFAULT NULL, log_comment_id BIGINT UNSIGNED NOT NULL,
  log_params BLOB NOT NULL, log_deleted TINYINT UNSIGNED DEFAULT 0 NOT NULL,
  INDEX log_page_time (log_namespace, log_title, log_timestamp),
  INDEX log_times (log_timestamp), INDEX log_page_id_time (log_page, log_timestamp),
  PRIMARY KEY (log_id)) DEFAULT CHARSET=binary;
CREATE TABLE linktarget (
  lt_id BIGINT UNSIGNED AUTO_INCREMENT NOT NULL, lt_namespace INT NOT NULL,
  lt_title VARBINARY(255) NOT NULL, UNIQUE INDEX lt_namespace_title (lt_namespace, lt_title),
  PRIMARY KEY (lt_id)) DEFAULT CHARSET=binary;
"""
OLD = """
CREATE TABLE image (
  img_name VARBINARY(255) DEFAULT '' NOT NULL, img_size BIGINT UNSIGNED DEFAULT 0 NOT NULL,
  img_width INT DEFAULT 0 NOT NULL, img_height INT DEFAULT 0 NOT NULL,
  img_metadata MEDIUMBLOB NOT NULL, img_bits INT DEFAULT 0 NOT NULL,
  img_media_type ENUM('UNKNOWN','BITMAP','DRAWING','AUDIO','VIDEO','MULTIMEDIA','OFFICE','TEXT',
    'EXECUTABLE','ARCHIVE','3D') DEFAULT NULL,
  img_major_mime ENUM('unknown','application','audio','image','text','video','message','model',
    'multipart','chemical') DEFAULT 'unknown' NOT NULL,
  img_minor_mime VARBINARY(100) DEFAULT 'unknown' NOT NULL,
  img_description_id BIGINT UNSIGNED NOT NULL, img_actor BIGINT UNSIGNED NOT NULL,
  img_timestamp BINARY(14) NOT NULL, img_sha1 VARBINARY(32) DEFAULT '' NOT NULL,
  INDEX img_actor_timestamp (img_actor, img_timestamp), INDEX img_size (img_size),
  INDEX img_timestamp (img_timestamp), INDEX img_sha1 (img_sha1(10)),
  INDEX img_media_mime (img_media_type, img_major_mime, img_minor_mime),
  PRIMARY KEY (img_name)) DEFAULT CHARSET=binary;
CREATE TABLE oldimage (
  oi_name VARBINARY(255) DEFAULT '' NOT NULL, oi_archive_name VARBINARY(255) DEFAULT '' NOT NULL,
  oi_size BIGINT UNSIGNED DEFAULT 0 NOT NULL, oi_width INT DEFAULT 0 NOT NULL,
  oi_height INT DEFAULT 0 NOT NULL, oi_bits INT DEFAULT 0 NOT NULL,
  oi_description_id BIGINT UNSIGNED NOT NULL, oi_actor BIGINT UNSIGNED NOT NULL,
  oi_timestamp BINARY(14) NOT NULL, oi_metadata MEDIUMBLOB NOT NULL,
  oi_media_type ENUM('UNKNOWN','BITMAP','DRAWING','AUDIO','VIDEO','MULTIMEDIA','OFFICE','TEXT',
    'EXECUTABLE','ARCHIVE','3D') DEFAULT NULL,
  oi_major_mime ENUM('unknown','application','audio','image','text','video','message','model',
    'multipart','chemical') DEFAULT 'unknown' NOT NULL,
  oi_minor_mime VARBINARY(100) DEFAULT 'unknown' NOT NULL,
  oi_deleted TINYINT UNSIGNED DEFAULT 0 NOT NULL, oi_sha1 VARBINARY(32) DEFAULT '' NOT NULL,
  INDEX oi_actor_timestamp (oi_actor, oi_timestamp), INDEX oi_name_timestamp (oi_name, oi_timestamp),
  INDEX oi_name_archive_name (oi_name, oi_archive_name(14)), INDEX oi_sha1 (oi_sha1(10)),
  INDEX oi_timestamp (oi_timestamp)) DEFAULT CHARSET=binary;
CREATE TABLE categorylinks (
  cl_from INT UNSIGNED DEFAULT 0 NOT NULL, cl_to VARBINARY(255) DEFAULT '' NOT NULL,
  cl_sortkey VARBINARY(230) DEFAULT '' NOT NULL, cl_sortkey_prefix VARBINARY(255) DEFAULT '' NOT NULL,
  cl_timestamp TIMESTAMP NOT NULL, cl_collation VARBINARY(32) DEFAULT '' NOT NULL,
  cl_type ENUM('page','subcat','file') DEFAULT 'page' NOT NULL,
  INDEX cl_sortkey (cl_to, cl_type, cl_sortkey, cl_from), INDEX cl_timestamp (cl_to, cl_timestamp),
  PRIMARY KEY (cl_from, cl_to)) DEFAULT CHARSET=binary;
CREATE TABLE pagelinks (
  pl_from INT UNSIGNED DEFAULT 0 NOT NULL, pl_namespace INT DEFAULT 0 NOT NULL,
  pl_title VARBINARY(255) DEFAULT '' NOT NULL, pl_from_namespace INT DEFAULT 0 NOT NULL,
  INDEX pl_namespace (pl_namespace, pl_title, pl_from),
  INDEX pl_backlinks_namespace (pl_from_namespace, pl_namespace, pl_title, pl_from),
  PRIMARY KEY (pl_from, pl_namespace, pl_title)) DEFAULT CHARSET=binary;
"""
NEW = """
CREATE TABLE file (
  file_id BIGINT UNSIGNED AUTO_INCREMENT NOT NULL, file_name VARBINARY(255) NOT NULL,
  file_latest BIGINT UNSIGNED NOT NULL, file_type SMALLINT UNSIGNED NOT NULL,
  file_deleted SMALLINT UNSIGNED NOT NULL, UNIQUE INDEX file_name (file_name),
  INDEX file_latest (file_latest), PRIMARY KEY (file_id)) DEFAULT CHARSET=binary;
CREATE TABLE filerevision (
  fr_id BIGINT UNSIGNED AUTO_INCREMENT NOT NULL, fr_file BIGINT NOT NULL,
  fr_size BIGINT UNSIGNED DEFAULT 0 NOT NULL, fr_width INT UNSIGNED DEFAULT 0 NOT NULL,
  fr_height INT UNSIGNED DEFAULT 0 NOT NULL, fr_metadata MEDIUMBLOB NOT NULL,
  fr_bits INT UNSIGNED DEFAULT 0 NOT NULL, fr_description_id BIGINT UNSIGNED NOT NULL,
  fr_actor BIGINT UNSIGNED NOT NULL, fr_timestamp BINARY(14) NOT NULL,
  fr_sha1 VARBINARY(32) DEFAULT '' NOT NULL, fr_archive_name VARBINARY(255) DEFAULT '' NOT NULL,
  fr_deleted SMALLINT UNSIGNED NOT NULL, INDEX fr_actor_timestamp (fr_actor, fr_timestamp),
  INDEX fr_size (fr_size), INDEX fr_timestamp (fr_timestamp), INDEX fr_sha1 (fr_sha1(10)),
  INDEX fr_file (fr_file), PRIMARY KEY (fr_id)) DEFAULT CHARSET=binary;
CREATE TABLE filetypes (
  ft_id SMALLINT UNSIGNED AUTO_INCREMENT NOT NULL, ft_media_type VARBINARY(255) NOT NULL,
  ft_major_mime VARBINARY(255) NOT NULL, ft_minor_mime VARBINARY(255) NOT NULL,
  UNIQUE INDEX ft_media_mime (ft_media_type, ft_major_mime, ft_minor_mime),
  PRIMARY KEY (ft_id)) DEFAULT CHARSET=binary;
CREATE TABLE categorylinks (
  cl_from INT UNSIGNED DEFAULT 0 NOT NULL, cl_sortkey VARBINARY(230) DEFAULT '' NOT NULL,
  cl_timestamp TIMESTAMP NOT NULL, cl_sortkey_prefix VARBINARY(255) DEFAULT '' NOT NULL,
  cl_type ENUM('page','subcat','file') DEFAULT 'page' NOT NULL,
  cl_collation_id SMALLINT UNSIGNED DEFAULT 0 NOT NULL, cl_target_id BIGINT UNSIGNED NOT NULL,
  INDEX cl_sortkey_id (cl_target_id, cl_type, cl_sortkey, cl_from),
  INDEX cl_timestamp_id (cl_target_id, cl_timestamp),
  PRIMARY KEY (cl_from, cl_target_id)) DEFAULT CHARSET=binary;
CREATE TABLE pagelinks (
  pl_from INT UNSIGNED DEFAULT 0 NOT NULL, pl_from_namespace INT DEFAULT 0 NOT NULL,
  pl_target_id BIGINT UNSIGNED NOT NULL, INDEX pl_target_id (pl_target_id, pl_from),
  INDEX pl_backlinks_namespace_target_id (pl_from_namespace, pl_target_id, pl_from),
  PRIMARY KEY (pl_from, pl_target_id)) DEFAULT CHARSET=binary;
"""
USERS = 50
FILE_IDS = 50_000_000  # added to the page's id
TYPES = (("BITMAP", "image", "jpeg"), ("BITMAP", "image", "png"), ("VIDEO", "video", "webm"))


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


class CommonsWiki:
    """`new`: the generation of the tables. Page n of files() is File:File_n.jpg or what `name`
    makes of `seq`; every fifth file has two older versions, of which every other first one is
    hidden, and every third one has a hidden user."""

    def __init__(self, mariadb, database, new=False):
        self.mariadb, self.database = mariadb, database
        self.new, self.new_links = new, new  # the tables of files, and those of links
        mariadb.execute(f"CREATE DATABASE {database} DEFAULT CHARACTER SET binary")
        self.sql(COMMON + (NEW if new else OLD))
        self.sql(f"INSERT INTO actor (actor_id, actor_user, actor_name) SELECT seq, "
                 f"IF(seq % 10, seq + 1000, NULL), IF(seq % 10, CONCAT('Nutzer Ä', seq), "
                 f"CONCAT('192.0.2.', seq)) FROM seq_1_to_{USERS}")
        if new:
            for number, row in enumerate(TYPES):
                self.sql(f"INSERT INTO filetypes VALUES ({number}+1, {','.join(map(quoted, row))})")
        self.next_page = 10_000_000

    def sql(self, text):
        return self.mariadb.execute(text, self.database)

    def rows(self, text):
        return self.mariadb.rows(text, self.database)

    def target(self, title):
        self.sql(f"INSERT IGNORE INTO linktarget (lt_namespace, lt_title) VALUES (14, {quoted(title)})")
        return self.rows(f"SELECT lt_id FROM linktarget WHERE lt_namespace = 14 "
                         f"AND lt_title = {quoted(title)}")[0][0]

    def page(self, namespace, title, redirect=False):
        self.next_page += 1
        self.sql(f"INSERT INTO page (page_id, page_namespace, page_title, page_is_redirect, "
                 f"page_random, page_touched, page_latest, page_len) VALUES ({self.next_page}, "
                 f"{namespace}, {quoted(title)}, {int(redirect)}, 0.5, '20260101000000', 1, 1)")
        return self.next_page

    def put_in(self, condition, title, kind="file", time="2026-01-01"):
        """The pages that `condition` says become members of the category, all at the same second;
        `time` None: now."""
        time = "NOW()" if time is None else quoted(time)
        if self.new_links:
            self.sql(f"INSERT INTO categorylinks (cl_from, cl_target_id, cl_sortkey, cl_timestamp, "
                     f"cl_type) SELECT page_id, {self.target(title)}, UPPER(page_title), "
                     f"{time}, '{kind}' FROM page WHERE {condition}")
        else:
            self.sql(f"INSERT INTO categorylinks (cl_from, cl_to, cl_sortkey, cl_timestamp, "
                     f"cl_collation, cl_type) SELECT page_id, {quoted(title)}, UPPER(page_title), "
                     f"{time}, 'uppercase', '{kind}' FROM page WHERE {condition}")

    def within(self, categories):
        """The condition for their links."""
        if self.new_links:
            return f"cl_target_id IN ({','.join(self.target(title) for title in categories)})"
        return f"cl_to IN ({','.join(map(quoted, categories))})"

    def chosen(self, condition):
        """Lists of the numbers and of the names of pages, for a condition: for a subquery in an UPDATE or
        DELETE, MariaDB would go through the whole table."""
        rows = self.rows(f"SELECT page_id, page_title FROM page WHERE {condition}")
        return (f"({','.join(page for page, _ in rows) or '0'})",
                f"({','.join(quoted(name) for _, name in rows) or quoted('')})")

    def take_out(self, condition, title):
        pages, _ = self.chosen(condition)
        self.sql(f"DELETE FROM categorylinks WHERE {self.within([title])} AND cl_from IN {pages}")

    def category(self, title):
        return self.page(14, title)

    def hard_redirect(self, title, to, namespace=14):
        page = self.page(14, title, redirect=True)
        self.sql(f"INSERT INTO redirect (rd_from, rd_namespace, rd_title) VALUES ({page}, "
                 f"{namespace}, {quoted(to)})")
        return page

    def soft_redirect(self, title, *to, listed_in="Category_redirects"):
        """{{Category redirect|to}}: listed, and linked with a colon before the name."""
        page = self.page(14, title)
        self.put_in(f"page_id = {page}", listed_in, "subcat")
        for target in to:
            if self.new_links:
                self.sql(f"INSERT INTO pagelinks VALUES ({page}, 14, {self.target(target)})")
            else:
                self.sql(f"INSERT INTO pagelinks VALUES ({page}, 14, {quoted(target)}, 14)")
        return page

    def files(self, category, first, last, name="CONCAT('File_', seq, '.jpg')",
              time="2026-01-01"):
        """Pages first to last are files of the category. Their file_id is not that of the page."""
        self._pages(first, last, name)
        self._versions(first, last, name)
        self.put_in(f"page_id BETWEEN {first} AND {last}", category, time=time)

    def _pages(self, first, last, name):
        seq = f"seq_{first}_to_{last}"
        self.sql(f"INSERT INTO page (page_id, page_namespace, page_title, page_random, "
                 f"page_touched, page_latest, page_len) SELECT seq, 6, {name}, 0.5, "
                 f"'20260101000000', seq, 100 FROM {seq}")

    def _versions(self, first, last, name):
        seq = f"seq_{first}_to_{last}"
        time = "DATE_FORMAT('2026-01-01' + INTERVAL 61 * seq % 2400000 SECOND, '%Y%m%d%H%i%s')"
        old_time = "CONCAT('2025', LPAD(n, 2, '0'), LPAD(1 + seq % 28, 2, '0'), '120000')"
        hidden = "IF(n = 1, IF(seq % 10 = 0, 1, IF(seq % 3 = 0, 4, 0)), 0)"
        archive = f"CONCAT({old_time}, '!', {name})"
        versions = f"{seq} JOIN (SELECT 1 AS n UNION SELECT 2) v WHERE seq % 5 = 0"
        user = f"(1 + (seq + 7 * n) % {USERS})"
        if self.new:
            self.sql(f"INSERT INTO file (file_id, file_name, file_latest, file_type, file_deleted) "
                     f"SELECT seq + {FILE_IDS}, {name}, 3 * seq, 1 + seq % 3, 0 FROM {seq};"
                     f"INSERT INTO filerevision (fr_id, fr_file, fr_width, fr_height, fr_metadata, "
                     f"fr_description_id, fr_actor, fr_timestamp, fr_deleted) SELECT 3 * seq, seq + "
                     f"{FILE_IDS}, "
                     f"100 + seq % 5000, 200 + seq % 3000, '', 1, 1 + seq % {USERS}, {time}, 0 "
                     f"FROM {seq};"
                     f"INSERT INTO filerevision (fr_id, fr_file, fr_width, fr_height, fr_metadata, "
                     f"fr_description_id, fr_actor, fr_timestamp, fr_archive_name, fr_deleted) "
                     f"SELECT 3 * seq + n, seq + {FILE_IDS}, 10, 10, '', 1, {user}, {old_time}, {archive}, "
                     f"{hidden} FROM {versions}")
        else:
            major = "ELT(1 + seq % 3, 'image', 'image', 'video')"
            minor = "ELT(1 + seq % 3, 'jpeg', 'png', 'webm')"
            self.sql(f"INSERT INTO image (img_name, img_width, img_height, img_metadata, "
                     f"img_media_type, img_major_mime, img_minor_mime, img_description_id, "
                     f"img_actor, img_timestamp) SELECT {name}, 100 + seq % 5000, "
                     f"200 + seq % 3000, '', 'BITMAP', {major}, {minor}, 1, 1 + seq % {USERS}, "
                     f"{time} FROM {seq};"
                     f"INSERT INTO oldimage (oi_name, oi_archive_name, oi_description_id, oi_actor, "
                     f"oi_timestamp, oi_metadata, oi_deleted) SELECT {name}, {archive}, 1, {user}, "
                     f"{old_time}, '', {hidden} FROM {versions}")

    def delete_files(self, condition):
        """Files are deleted, page and all."""
        pages, _ = self.chosen(condition)
        self.sql(f"DELETE FROM categorylinks WHERE cl_from IN {pages}")
        self.lose_files(f"page_id IN {pages}")
        self.sql(f"DELETE FROM page WHERE page_id IN {pages}")

    def lose_files(self, condition):
        """Their pages and links stay."""
        _, names = self.chosen(condition)
        self.sql(f"UPDATE file SET file_deleted = 1 WHERE file_name IN {names}" if self.new else
                 f"DELETE FROM image WHERE img_name IN {names}")

    def title(self, page):
        return self.titles([page])[0][1]

    def titles(self, pages):
        """(page, title) of those that there are."""
        return self.rows("SELECT page_id, page_title FROM page WHERE page_id IN "
                         f"({','.join(map(str, pages)) or '0'})")

    def rename(self, page, to):
        self.rename_all([(page, self.title(page), to)])

    def rename_all(self, renamings):
        """(page, from, to), each in a transaction of its own."""
        files = ("UPDATE file SET file_name = {to} WHERE file_name = {name}" if self.new else
                 "UPDATE image SET img_name = {to} WHERE img_name = {name};"
                 "UPDATE oldimage SET oi_name = {to} WHERE oi_name = {name}")
        self.sql(";".join(
            f"START TRANSACTION; UPDATE page SET page_title = {quoted(to)} WHERE page_id = {page}; "
            f"UPDATE categorylinks SET cl_sortkey = UPPER({quoted(to)}), cl_timestamp = cl_timestamp "
            f"WHERE cl_from = {page};" + files.format(to=quoted(to), name=quoted(name)) + "; COMMIT"
            for page, name, to in renamings))

    def widen(self, condition):
        """New measures, as an upload of another version would bring."""
        _, names = self.chosen(condition)
        self.sql(f"UPDATE filerevision JOIN file ON fr_id = file_latest SET fr_width = fr_width + 1 "
                 f"WHERE file_name IN {names}" if self.new else
                 f"UPDATE image SET img_width = img_width + 1 WHERE img_name IN {names}")

    def log(self, kind, title, page, to=None):
        """An entry of the log: a "move" to a title, or a "delete"."""
        target = f"File:{(to or '').replace('_', ' ')}"
        parameters = (f'a:2:{{s:9:"4::target";s:{len(target.encode())}:"{target}";s:10:'
                      f'"5::noredir";s:1:"0";}}' if to else "")
        self.sql(f"INSERT INTO logging (log_type, log_action, log_timestamp, log_actor, "
                 f"log_namespace, log_title, log_page, log_comment_id, log_params) VALUES ("
                 f"'{kind}', '{kind}', '20260202000000', 1, 6, {quoted(title)}, {page}, 1, "
                 f"{quoted(parameters)})")

    def reupload(self, page, time="20270101000000"):
        self.reupload_all([self.title(page)], time)

    def reupload_all(self, names, time):
        """Another version of another size; the one so far becomes an old one."""
        self.sql(";".join(self._reupload(quoted(name), quoted(f"{time}!{name}"), time)
                          for name in names))

    def _reupload(self, name, archive, time):
        if self.new:
            return (f"UPDATE filerevision JOIN file ON fr_id = file_latest SET fr_archive_name = "
                    f"{archive} WHERE file_name = {name};"
                    f"INSERT INTO filerevision (fr_file, fr_width, fr_height, fr_metadata, "
                    f"fr_description_id, fr_actor, fr_timestamp, fr_deleted) SELECT file_id, 7, 8, "
                    f"'', 1, 2, '{time}', 0 FROM file WHERE file_name = {name};"
                    f"UPDATE file SET file_latest = LAST_INSERT_ID() WHERE file_name = "
                    f"{name}")
        return (f"INSERT INTO oldimage (oi_name, oi_archive_name, oi_description_id, oi_actor, "
                f"oi_timestamp, oi_metadata) SELECT img_name, {archive}, 1, img_actor, "
                f"img_timestamp, '' FROM image WHERE img_name = {name};"
                f"UPDATE image SET img_width = 7, img_height = 8, img_actor = 2, "
                f"img_timestamp = '{time}' WHERE img_name = {name}")

    def expected(self, *categories):
        """What an import should have brought, by a plain query of its own: a row for each file as
        in the table commons_file, sorted by page."""
        members = (f"SELECT cl_from FROM categorylinks WHERE cl_type = 'file' AND "
                   f"{self.within(categories)}")
        if self.new:
            query = f"""
SELECT page_id, page_title, ft_major_mime, ft_minor_mime, l.fr_width, l.fr_height,
  IF(o.fr_id IS NULL, la.actor_user, IF(o.fr_deleted & 4, NULL, oa.actor_user)),
  IF(o.fr_id IS NULL, la.actor_name, IF(o.fr_deleted & 4, NULL, oa.actor_name)),
  IFNULL(o.fr_timestamp, l.fr_timestamp), la.actor_user, la.actor_name, l.fr_timestamp,
  o.fr_archive_name
FROM page JOIN file ON file_name = page_title AND file_deleted = 0
JOIN filetypes ON ft_id = file_type JOIN filerevision l ON l.fr_id = file_latest
LEFT JOIN actor la ON la.actor_id = l.fr_actor
LEFT JOIN filerevision o ON o.fr_id = (SELECT x.fr_id FROM filerevision x WHERE x.fr_file = file_id
  AND x.fr_id <> file_latest AND NOT x.fr_deleted & 1 AND x.fr_timestamp >= '1'
  ORDER BY x.fr_timestamp, x.fr_id LIMIT 1)
LEFT JOIN actor oa ON oa.actor_id = o.fr_actor
WHERE page_id IN ({members}) ORDER BY page_id"""
        else:
            query = f"""
SELECT page_id, page_title, img_major_mime, img_minor_mime, img_width, img_height,
  IF(o.oi_name IS NULL, la.actor_user, IF(o.oi_deleted & 4, NULL, oa.actor_user)),
  IF(o.oi_name IS NULL, la.actor_name, IF(o.oi_deleted & 4, NULL, oa.actor_name)),
  IFNULL(o.oi_timestamp, img_timestamp), la.actor_user, la.actor_name, img_timestamp,
  o.oi_archive_name
FROM page JOIN image ON img_name = page_title LEFT JOIN actor la ON la.actor_id = img_actor
LEFT JOIN oldimage o ON o.oi_name = page_title AND o.oi_timestamp = (SELECT MIN(x.oi_timestamp)
  FROM oldimage x WHERE x.oi_name = page_title AND NOT x.oi_deleted & 1 AND x.oi_timestamp >= '1')
LEFT JOIN actor oa ON oa.actor_id = o.oi_actor
WHERE page_id IN ({members}) ORDER BY page_id"""
        return self.rows(query)


def imported(connection, import_id):
    """The same of what an import left in PostgreSQL."""
    columns = ("page_id", "name", "major_mime", "minor_mime", "width", "height", "first_user_id",
               "first_user", "first_at", "latest_user_id", "latest_user", "latest_at", "archive_name")
    texts = ", ".join(f"coalesce({column}::text, 'NULL')" for column in columns)
    return connection.execute(f"SELECT {texts} FROM constraint_runner.commons_file WHERE import_id = %s "
                              "AND change <> 4 ORDER BY commons_file.page_id", (import_id,)).fetchall()


def same_as_wiki(runner, wiki, over, *categories):
    """Requires that the import with the status `over` is complete and has what a plain query finds; its rows
    by page."""
    assert over["status"] == "complete", over
    with psycopg.connect(runner.settings["database.conninfo"]) as connection:
        rows = imported(connection, over["job_id"])
    assert rows == wiki.expected(*categories)
    assert (over["total_is"], over["done"] + over["failed"]) == ("known", over["total"])
    return {row[0]: row for row in rows}
