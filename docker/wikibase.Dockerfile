# SPDX-License-Identifier: GPL-2.0-or-later
# Wikibase Suite's image (4: MediaWiki 1.43) with what it lacks: PHP's PostgreSQL, and
# WikibaseQualityConstraints, whose libraries are Wikibase's own.
FROM wikibase/wikibase:4
RUN apt-get update \
    && apt-get install -y --no-install-recommends git libpq-dev \
    && docker-php-ext-install pgsql \
    && rm -rf /var/lib/apt/lists/*
ARG WBQC_BRANCH=REL1_43
RUN git clone --depth 1 --branch "$WBQC_BRANCH" \
    https://gerrit.wikimedia.org/r/mediawiki/extensions/WikibaseQualityConstraints \
    /var/www/html/extensions/WikibaseQualityConstraints
