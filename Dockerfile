# SPDX-License-Identifier: GPL-2.0-or-later
# constraint-runner built from this tree, for developers (docker-compose.yml). The packages of both
# stages are those of scripts/lib/packages.
FROM debian:12 AS build
WORKDIR /src
COPY scripts/lib/install scripts/lib/packages scripts/lib/
RUN scripts/lib/install build && rm -rf /var/lib/apt/lists/*
COPY . .
RUN meson setup /build --buildtype=release --prefix=/usr -Dtests=false \
    && ninja -C /build \
    && DESTDIR=/install ninja -C /build install

FROM debian:12-slim
COPY scripts/lib/install scripts/lib/packages /tmp/lib/
RUN /tmp/lib/install image && rm -rf /var/lib/apt/lists/* /tmp/lib \
    && useradd --system --home-dir /nonexistent constraint-runner \
    && install -d -o constraint-runner /run/constraint-runner
COPY --from=build /install/usr/bin/constraint-runner /usr/bin/
USER constraint-runner
VOLUME /run/constraint-runner
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=12 \
    CMD ["curl", "--silent", "--fail", "--unix-socket", "/run/constraint-runner/runner.sock", "http://runner/readyz"]
ENTRYPOINT ["constraint-runner"]
CMD ["--config", "/etc/constraint-runner/constraint-runner.toml", "serve"]
