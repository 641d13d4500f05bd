# Backhaul without dbt: small, and not root.
#   docker build --tag backhaul . && docker run --rm --volume "$PWD:/project" --env HUBSPOT_ACCESS_TOKEN backhaul plan
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim
COPY --from=build /src/package.json /src/schema.json /opt/backhaul/
COPY --from=build /src/node_modules /opt/backhaul/node_modules
COPY --from=build /src/dbt_project_example /opt/backhaul/dbt_project_example
COPY --from=build /src/dist /opt/backhaul/dist
COPY docker/health.mjs /opt/backhaul/health.mjs
RUN ln -s /opt/backhaul/dist/cli/main.js /usr/local/bin/backhaul \
  && mkdir /project \
  && chown 1000:1000 /project
ENV NODE_ENV=production XDG_CACHE_HOME=/tmp/cache
WORKDIR /project
USER 1000
EXPOSE 4010 8580
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["node", "/opt/backhaul/health.mjs"]
ENTRYPOINT ["backhaul"]
CMD ["--help"]
