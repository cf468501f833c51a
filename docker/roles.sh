#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes the wiki's role and says what it may do; harmless when it is there.
set -eu
psql -X -q -v wiki=my_wiki -v role=wiki -f /roles.sql
printf '%s\n' "ALTER ROLE wiki PASSWORD :'password'" |
    psql -X -q -v ON_ERROR_STOP=1 -v password="$WIKI_PASSWORD"
