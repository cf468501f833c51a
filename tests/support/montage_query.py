# SPDX-License-Identifier: GPL-2.0-or-later
"""What Montage asks MariaDB for to import a category, by the generation of the tables (False: image and
oldimage, True: file and filerevision): what an import's cost is compared with."""

# With the joins, groups and order of what Montage asks for; the columns do not matter for its time.
MONTAGES_QUERY = {
    False: """
SELECT img_name, img_width, img_height, img_major_mime, img_minor_mime, img_timestamp, now.actor_user,
  now.actor_name, v.actor_user, v.actor_name, v.oi_timestamp, v.oi_archive_name
FROM image LEFT JOIN actor now ON now.actor_id = img_actor
LEFT JOIN (SELECT oi_name, oi_timestamp, oi_archive_name, actor_user, actor_name
  FROM oldimage LEFT JOIN actor ON actor_id = oi_actor) v ON v.oi_name = img_name
JOIN page ON page_namespace = 6 AND page_title = img_name
JOIN categorylinks ON cl_from = page_id AND cl_type = 'file' AND cl_to = '{}'
GROUP BY img_name ORDER BY v.oi_timestamp""",
    True: """
SELECT DISTINCT file_name, r.fr_width, r.fr_height, ft_major_mime, ft_minor_mime, r.fr_timestamp,
  now.actor_user, now.actor_name, v.actor_user, v.actor_name, v.fr_timestamp, v.fr_archive_name, file_id
FROM file JOIN filerevision r ON r.fr_id = file_latest AND r.fr_deleted = 0
LEFT JOIN actor now ON now.actor_id = r.fr_actor LEFT JOIN filetypes ON ft_id = file_type
LEFT JOIN (SELECT f.fr_file, f.fr_timestamp, f.fr_archive_name, actor_user, actor_name
  FROM filerevision f LEFT JOIN actor ON actor_id = f.fr_actor
  WHERE f.fr_id = (SELECT MIN(m.fr_id) FROM filerevision m WHERE m.fr_file = f.fr_file AND
    m.fr_deleted = 0)) v ON v.fr_file = file_id
JOIN page ON page_namespace = 6 AND page_title = file_name
JOIN categorylinks ON cl_from = page_id AND cl_type = 'file'
JOIN linktarget ON lt_id = cl_target_id AND lt_namespace = 14 AND lt_title = '{}'
WHERE file_deleted = 0 ORDER BY file_name"""}
