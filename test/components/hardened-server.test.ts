import { describe, expect, it } from "vitest";
import { InfisicalServer } from "../../infra/components/infisical-server";
import { EXPIRES_LABEL } from "../../infra/labels";
import { recordProgram, settingsFor, type ProgramRecord } from "../support/program-record";

async function server(config: { [key: string]: string }, secretKeys: string[] = []): Promise<ProgramRecord> {
  return recordProgram(await settingsFor(config, secretKeys), (settings) => new InfisicalServer("server", settings));
}

const inputsOf = (record: ProgramRecord, name: string): { [name: string]: unknown } =>
  record.one(name).inputs as { [name: string]: unknown };

const namesOf = (record: ProgramRecord, type: string): string[] =>
  record
    .ofType(type)
    .map(({ name }) => name)
    .sort();

describe("a server without a way out", () => {
  it("is on an internal network with its databases, publishes nothing, and has a front door without its keys", async () => {
    const record = await server({ "server.egress": "false" });
    expect(namesOf(record, "docker:index/network:Network")).toEqual(["server-door", "server-inner"]);
    expect(inputsOf(record, "server-inner").internal).toBe(true);
    for (const role of ["infisical", "postgres", "redis"]) {
      const { networksAdvanced, ports } = inputsOf(record, `server-${role}`);
      expect(networksAdvanced).toHaveLength(1);
      expect(ports).toBeUndefined();
    }
    const front = inputsOf(record, "server-front") as { envs: string[]; ports: { ip: string }[]; networksAdvanced: [] };
    expect(front.networksAdvanced).toHaveLength(2);
    expect(front.ports.map(({ ip }) => ip)).toEqual(["127.0.0.1"]);
    expect(front.envs.join("\n")).not.toMatch(/ENCRYPTION_KEY|AUTH_SECRET|DB_CONNECTION_URI|REDIS_URL/);
  });
});

describe("a throwaway", () => {
  it("keeps its data in memory, does not come back empty after a stop, and carries its time on everything", async () => {
    const expires = "2030-01-01T00:00:00.000Z";
    const record = await server({ "server.expires": expires });
    for (const name of ["server-postgres-data", "server-redis-data"]) {
      expect(inputsOf(record, name)).toMatchObject({ driver: "local", driverOpts: { type: "tmpfs" } });
    }
    expect(inputsOf(record, "server-postgres").restart).toBe("no");
    for (const type of [
      "docker:index/container:Container",
      "docker:index/volume:Volume",
      "docker:index/network:Network",
    ]) {
      for (const { inputs } of record.ofType(type)) {
        expect((inputs as { labels: unknown[] }).labels).toContainEqual({ label: EXPIRES_LABEL, value: expires });
      }
    }
  });
});

describe("a server with databases of somebody's own", () => {
  it("makes no container, no volume and no password for them, and nothing that its content goes with", async () => {
    const uri = "postgres://u:p@db.example:5432/infisical?sslmode=require";
    const config = { "postgres.uri": uri, "redis.uri": "rediss://:p@redis.example:6379" };
    const record = await server(config, ["postgres.uri", "redis.uri"]);
    expect(namesOf(record, "docker:index/container:Container")).toEqual(["server-infisical"]);
    expect(record.ofType("docker:index/volume:Volume")).toEqual([]);
    expect(namesOf(record, "random:index/randomPassword:RandomPassword").join()).not.toMatch(/postgres|redis/);
    const { envs } = inputsOf(record, "server-infisical") as { envs: string[] };
    expect(envs).toContain(`DB_CONNECTION_URI=${uri}`);
  });
});

describe("mail and proxies", () => {
  it("reach the server by its environment", async () => {
    const config = {
      "smtp.host": "mail.example",
      "smtp.fromAddress": "vault@example.com",
      "smtp.user": "vault",
      "smtp.password": "not-a-real-password",
      "server.trustedProxies": "192.0.2.0/24",
      "server.siteUrl": "https://vault.example",
    };
    const { envs } = inputsOf(await server(config, ["smtp.password"]), "server-infisical") as { envs: string[] };
    expect(envs).toEqual(
      expect.arrayContaining([
        "SMTP_HOST=mail.example",
        "SMTP_PORT=587",
        "SMTP_USERNAME=vault",
        "SMTP_PASSWORD=not-a-real-password",
        "TRUSTED_PROXY_CIDRS=192.0.2.0/24",
        "HTTPS_ENABLED=true",
      ]),
    );
  });
});
