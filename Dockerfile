# Telewave in a container. Its steps are those of the Makefile; what is kept lies in the volume /var/lib/telewave, the key file with it
# unless TELEWAVE_KEY_FILE names another place.
#   docker build -t telewave .
#   docker run --rm -v telewave:/var/lib/telewave -v "$PWD":/data telewave tables
FROM python:3.11-slim-bookworm AS made
WORKDIR /opt/telewave
# Only for the making, and of whatever version Debian keeps secure.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends make nodejs npm \
 && rm -rf /var/lib/apt/lists/*
COPY . .
RUN make install web

FROM python:3.11-slim-bookworm
COPY --from=made /opt/telewave /opt/telewave
RUN useradd --no-log-init --uid 10001 --user-group --create-home telewave \
 && install -d -m 0700 -o telewave -g telewave /var/lib/telewave
ENV PATH="/opt/telewave/.venv/bin:${PATH}" TELEWAVE_HOME=/var/lib/telewave
USER 10001:10001
VOLUME /var/lib/telewave
WORKDIR /data
ENTRYPOINT ["telewave"]
CMD ["--help"]
