-- SPDX-License-Identifier: GPL-2.0-or-later
-- A wiki answers "missing" for a redirect whose target is gone, and no job tells when the target comes
-- back: what a page redirected to last is kept, so that it is asked again then.

CREATE TABLE constraint_runner.redirect (
    wiki text COLLATE "C" NOT NULL,
    redirect text COLLATE "C" NOT NULL,
    target text COLLATE "C" NOT NULL,
    PRIMARY KEY (wiki, redirect)
);
COMMENT ON TABLE constraint_runner.redirect IS
    'Where pages redirect to, or did when the wiki last said so';
CREATE INDEX redirect_target ON constraint_runner.redirect (wiki, target);
