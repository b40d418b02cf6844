# Not built where it was written, which has no container engine: correct it where it errs.
FROM node:20.20.2-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# No package needs its install script; `prepare` of our own would want the sources, which come later.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build

FROM node:20.20.2-slim
ENV NODE_ENV=production
WORKDIR /opt/keywatch
COPY package.json package-lock.json .npmrc ./
# tfjs-node is no use without its library, which its install script would fetch: 196 MB less. `keywatch train` uses WebAssembly.
RUN npm ci --omit=dev --ignore-scripts \
 && npm uninstall --no-save --omit=dev --ignore-scripts @tensorflow/tfjs-node \
 && npm cache clean --force
COPY --from=build /build/dist ./dist
COPY schemas ./schemas
COPY models ./models
RUN ln -s /opt/keywatch/dist/bin/keywatch.js /usr/local/bin/keywatch \
 && chmod 0755 dist/bin/keywatch.js \
 && install -d -o 1000 -g 1000 -m 0700 /var/lib/keywatch
# By number, so that Kubernetes can see that it is not root. A new named volume takes over the owner of the folder.
USER 1000:1000
WORKDIR /var/lib/keywatch
VOLUME /var/lib/keywatch
EXPOSE 9464
# Liveness alone: an unreachable broker makes keywatch not ready, and a restart would not mend that.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/livez').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node is process 1: keywatch handles SIGTERM itself and starts no children, so no init is needed.
ENTRYPOINT ["node", "/opt/keywatch/dist/bin/keywatch.js"]
CMD ["run", "-c", "/etc/keywatch/keywatch.yaml"]
