# SPDX-License-Identifier: GPL-2.0-or-later
"""A CommonsWiki on its way from the old tables to the new ones, and the views that a tool reads.

    later = LaterTables(wiki)      # file_later, filerevision_later, …: filled, and read by nobody
    later.fill([3, 4])             # what has changed since of these pages
    later.show_links(); later.show_files(); later.drop_old()"""
import re

from commons_wiki import FILE_IDS, NEW

# A version's number says of which page it is and where in the order of its versions, and is beyond all
# that CommonsWiki gives.
REVISIONS, LATEST = 10_000_000_000, 99
FILE_TABLES = ("file", "filerevision", "filetypes")
LINK_TABLES = ("categorylinks", "pagelinks")
# as on Toolforge: what is hidden is null
HIDING = {
    "filerevision": "fr_id, fr_file, fr_width, fr_height, fr_timestamp, fr_deleted, "
                    "IF(fr_deleted & 1, NULL, fr_archive_name) AS fr_archive_name, "
                    "IF(fr_deleted & 4, NULL, fr_actor) AS fr_actor",
    "oldimage": "oi_name, oi_archive_name, oi_timestamp, oi_deleted, "
                "IF(oi_deleted & 4, NULL, oi_actor) AS oi_actor"}


def publish(wiki, database, *users):
    """Views of all tables that the wiki has now in their own database, in which the users
    (password as of `reader`) may SELECT and nothing else."""
    wiki.mariadb.execute(f"CREATE DATABASE IF NOT EXISTS {database}" + "".join(
        f"; CREATE USER IF NOT EXISTS {user} IDENTIFIED BY 'it''s a secret'"
        f"; GRANT SELECT, SHOW VIEW ON {database}.* TO {user}" for user in users))
    tables = [row[0] for row in wiki.rows("SHOW TABLES") if not row[0].endswith("_later")]
    views = [row[0] for row in wiki.mariadb.rows("SHOW TABLES", database)]
    wiki.mariadb.execute(";".join(
        [f"CREATE OR REPLACE VIEW {table} AS SELECT {HIDING.get(table, '*')} FROM "
         f"{wiki.database}.{table}" for table in tables] +
        [f"DROP VIEW {view}" for view in views if view not in tables]), database)


class LaterTables:
    def __init__(self, wiki):
        self.wiki = wiki
        wiki.sql(re.sub(r"CREATE TABLE (\w+)", r"CREATE TABLE \1_later", NEW))
        self.fill()

    def fill(self, pages=None):
        """The content of the old tables: of all pages, or of these again."""
        of = "TRUE"
        if pages is not None:
            listed = ",".join(map(str, pages)) or "0"
            of = f"page_id IN ({listed})"
            files = ",".join(str(page + FILE_IDS) for page in pages) or "0"
            self.wiki.sql(f"DELETE FROM filerevision_later WHERE fr_file IN ({files});"
                          f"DELETE FROM file_later WHERE file_id IN ({files})")
        self.wiki.sql(f"""
INSERT IGNORE INTO filetypes_later (ft_media_type, ft_major_mime, ft_minor_mime)
  SELECT DISTINCT img_media_type, img_major_mime, img_minor_mime FROM image;
INSERT INTO file_later (file_id, file_name, file_latest, file_type, file_deleted)
  SELECT page_id + {FILE_IDS}, img_name, {REVISIONS + LATEST} + 100 * page_id, ft_id, 0
  FROM page JOIN image ON img_name = page_title JOIN filetypes_later ON
  ft_media_type = img_media_type AND ft_major_mime = img_major_mime AND
  ft_minor_mime = img_minor_mime WHERE page_namespace = 6 AND {of};
INSERT INTO filerevision_later (fr_id, fr_file, fr_width, fr_height, fr_metadata,
    fr_description_id, fr_actor, fr_timestamp, fr_deleted)
  SELECT {REVISIONS + LATEST} + 100 * page_id, page_id + {FILE_IDS}, img_width, img_height, '', 1,
    img_actor, img_timestamp, 0
  FROM page JOIN image ON img_name = page_title WHERE page_namespace = 6 AND {of};
INSERT INTO filerevision_later (fr_id, fr_file, fr_width, fr_height, fr_metadata,
    fr_description_id, fr_actor, fr_timestamp, fr_archive_name, fr_deleted)
  SELECT {REVISIONS} + 100 * page_id + ROW_NUMBER() OVER (PARTITION BY page_id
    ORDER BY oi_timestamp, oi_archive_name), page_id + {FILE_IDS}, oi_width, oi_height, '', 1,
    oi_actor, oi_timestamp, oi_archive_name, oi_deleted
  FROM page JOIN image ON img_name = page_title JOIN oldimage ON oi_name = img_name
  WHERE page_namespace = 6 AND {of}""")
        if self.wiki.new_links:
            return
        of = of.replace("page_id", "cl_from")
        self.wiki.sql(f"""
DELETE FROM categorylinks_later WHERE {of};
INSERT IGNORE INTO linktarget (lt_namespace, lt_title) SELECT DISTINCT 14, cl_to FROM categorylinks;
INSERT INTO categorylinks_later (cl_from, cl_target_id, cl_sortkey, cl_timestamp, cl_type)
  SELECT cl_from, lt_id, cl_sortkey, cl_timestamp, cl_type FROM categorylinks
  JOIN linktarget ON lt_namespace = 14 AND lt_title = cl_to WHERE {of}""")

    def show_links(self):
        """Links are by target from now on."""
        self.wiki.sql("RENAME TABLE " + ", ".join(f"{t} TO {t}_gone, {t}_later TO {t}"
                                                  for t in LINK_TABLES) +
                      ";DROP TABLE " + ", ".join(f"{t}_gone" for t in LINK_TABLES))
        self.wiki.new_links = True

    def show_files(self):
        """Files are in the tables of both generations; the wiki writes to the new ones from now on."""
        self.wiki.sql("RENAME TABLE " + ", ".join(f"{t}_later TO {t}" for t in FILE_TABLES))
        self.wiki.new = True

    def drop_old(self):
        self.wiki.sql("DROP TABLE image, oldimage")
