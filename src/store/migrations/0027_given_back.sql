-- SPDX-License-Identifier: GPL-2.0-or-later
-- Jobs whose runner died are leased before others of their priority. There are few of them at any time.

CREATE INDEX job_given_back ON constraint_runner.job (wiki, priority DESC, ready_at)
    WHERE state = 'ready' AND deaths > 0;
