# SPDX-License-Identifier: GPL-2.0-or-later
# constraint-runner from the package that scripts/package makes of this tree (docker-compose.yml).
FROM debian:12 AS build
WORKDIR /src
COPY scripts/lib/install scripts/lib/packages scripts/lib/
RUN scripts/lib/install build package && rm -rf /var/lib/apt/lists/*
COPY . .
RUN scripts/package /packages

FROM debian:12-slim
COPY --from=build /packages/constraint-runner_*.deb /tmp/
# the standalone ones, or all of systemd would come; a number, which Kubernetes needs for runAsNonRoot
RUN useradd --system --user-group --uid 990 --home-dir / --shell /usr/sbin/nologin constraint-runner \
    && apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl \
        systemd-standalone-sysusers systemd-standalone-tmpfiles /tmp/constraint-runner_*.deb \
    && rm -rf /var/lib/apt/lists/* /tmp/*.deb \
    && install -d -o constraint-runner /run/constraint-runner
USER 990
VOLUME /run/constraint-runner
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=12 \
    CMD ["curl", "--silent", "--fail", "--unix-socket", "/run/constraint-runner/runner.sock", "http://runner/readyz"]
ENTRYPOINT ["constraint-runner"]
CMD ["--config", "/etc/constraint-runner/constraint-runner.toml", "serve"]
