import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { STAND_IN_LABEL } from "./engine.js";

/** What one image is made of: the text of its Dockerfile and the files that the Dockerfile copies. */
export interface Recipe {
  /** Official name and tag that the image stands for. */
  name: string;
  dockerfile: string;
  /** Files of the build folder by name. */
  files: Record<string, string>;
}

const script = (path: string) => readFile(join(__dirname, path), "utf8");
const standsFor = (what: string, inside: string) =>
  `LABEL org.opencontainers.image.description="${inside}" org.opencontainers.image.title="stand-in for ${what}"`;

/** Postgres 15 of Debian under the contract of postgres:15-alpine. */
export async function postgresRecipe(base: string): Promise<Recipe> {
  const dockerfile = `FROM ${base}
RUN rm -rf /usr/bin/curl /usr/bin/wget /usr/bin/redis-* \\
 && ln -s /usr/lib/postgresql/15/bin/* /usr/local/bin/ \\
 && sed -ri "s/^#?listen_addresses *=.*/listen_addresses = '*'/" /usr/share/postgresql/15/postgresql.conf.sample \\
 && mkdir -p /var/lib/postgresql/data /docker-entrypoint-initdb.d \\
 && chown -R 70:70 /var/lib/postgresql /var/run/postgresql \\
 && chmod 1777 /var/lib/postgresql/data && chmod 3777 /var/run/postgresql
COPY docker-entrypoint.sh /usr/local/bin/
${standsFor("postgres:15-alpine", "Debian's PostgreSQL 15, not the official image")}
ENV LANG=en_US.utf8 PG_MAJOR=15 PGDATA=/var/lib/postgresql/data
VOLUME /var/lib/postgresql/data
EXPOSE 5432
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
`;
  return { name: "postgres:15-alpine", dockerfile, files: await entrypoint("postgres/docker-entrypoint.sh") };
}

/** Redis 7 of Debian under the contract of redis:7-alpine (which has no bash). */
export async function redisRecipe(base: string): Promise<Recipe> {
  const dockerfile = `FROM ${base}
RUN rm -rf /usr/bin/curl /usr/bin/wget /bin/bash /usr/lib/postgresql /usr/bin/p[gs]* \\
 && mkdir /data && chown 999:1000 /data
COPY docker-entrypoint.sh /usr/local/bin/
${standsFor("redis:7-alpine", "Debian's Redis 7.0, not the official image")}
VOLUME /data
WORKDIR /data
EXPOSE 6379
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["redis-server"]
`;
  return { name: "redis:7-alpine", dockerfile, files: await entrypoint("redis/docker-entrypoint.sh") };
}

async function entrypoint(path: string): Promise<Record<string, string>> {
  return { "docker-entrypoint.sh": await script(path) };
}

/** Debian with the Node.js of this machine: what the Infisical stand-in runs on. */
export function nodeDockerfile(base: string): string {
  return `FROM ${base}
COPY node /usr/local/bin/node
COPY lib/ /usr/local/lib/
RUN ldconfig && node --version \\
 && rm -rf /usr/lib/postgresql /usr/bin/p[gs]* /usr/bin/redis-* \\
 && mkdir -p /backend/dist /backend/frontend-build /etc/ssl/certs \\
 && chown -R 1001:1001 /backend /etc/ssl/certs
`;
}

/** The sandbox under the contract of infisical/infisical at one version (a tag such as v0.159.22). */
export async function infisicalRecipe(nodeImage: string, version: string, bundle: string): Promise<Recipe> {
  const dockerfile = `FROM ${nodeImage}
WORKDIR /backend
COPY standalone-entrypoint.sh main.mjs ./
RUN mv main.mjs dist/ && chown -R 1001:1001 /backend
${standsFor(`infisical/infisical:${version}`, "sandbox, not Infisical")}
LABEL org.opencontainers.image.version=${version}
ENV NODE_ENV=production PORT=8080 HOST=0.0.0.0 HTTPS_ENABLED=false STANDALONE_MODE=true STANDALONE_BUILD=true \\
    TELEMETRY_ENABLED=true NODE_OPTIONS=--max-old-space-size=2048 INFISICAL_PLATFORM_VERSION=${version}
EXPOSE 8080 443
USER 1001:1001
CMD ["./standalone-entrypoint.sh"]
`;
  const files = { "standalone-entrypoint.sh": await script("infisical/standalone-entrypoint.sh"), "main.mjs": bundle };
  return { name: `infisical/infisical:${version}`, dockerfile, files };
}

/** The label line that marks an image as ours; last in every Dockerfile, and not part of its own hash. */
export function markLine(inputs: string): string {
  return `LABEL ${STAND_IN_LABEL}=${inputs}\n`;
}
