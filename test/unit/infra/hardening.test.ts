import { describe, expect, it } from "vitest";
import { memoryOf } from "../../../infra/components/memory";
import { hardeningProblems } from "../../../infra/hardening";
import { settingsSchema } from "../../../infra/settings-schema";

const problems = (given: { [key: string]: string }): string[] => hardeningProblems(settingsSchema.parse(given));

const OWN_TLS = { "tls.mode": "own", "tls.certificateFile": "c.pem", "tls.keyFile": "k.pem" };

describe("settings of a hardened server", () => {
  it("are all well as they come, and in every combination that the program can do", () => {
    expect(problems({})).toEqual([]);
    expect(problems({ ...OWN_TLS, "server.siteUrl": "https://a.example", "server.egress": "false" })).toEqual([]);
    expect(problems({ "postgres.uri": "postgres://u:p@db:5432/x", "redis.uri": "rediss://:p@r:6379" })).toEqual([]);
  });

  it.each([
    [{ "tls.mode": "own", "server.siteUrl": "https://a.example" }, ["tls.certificateFile", "tls.keyFile"]],
    [{ ...OWN_TLS, "server.siteUrl": "http://a.example" }, ["server.siteUrl"]],
    [{ "tls.keyFile": "k.pem" }, ["tls.keyFile"]],
    [{ "server.egress": "false", "redis.uri": "redis://r:6379" }, ["server.egress"]],
    [{ "server.egress": "false", "smtp.host": "mail", "smtp.fromAddress": "a@example.com" }, ["smtp.host"]],
    [{ "postgres.uri": "postgres://u:p@localhost:5432/x" }, ["postgres.uri"]],
    [{ "smtp.host": "mail" }, ["smtp.fromAddress"]],
    [{ "smtp.user": "me" }, ["smtp.user"]],
    [{ "server.expires": "2030-01-01T00:00:00Z", "server.durable": "true" }, ["server.expires"]],
    [{ "server.readOnlyRoot": "true", "server.caFile": "ca.pem" }, ["server.readOnlyRoot"]],
    [{ target: "sandbox", "server.egress": "false" }, ["server.egress"]],
  ])("%j is refused, by name", (given, names) => {
    const seen = problems(given as { [key: string]: string });
    expect(seen).toHaveLength(names.length);
    for (const [index, name] of names.entries()) expect(seen[index]).toContain(`infisical:${name}`);
  });

  it("sends who asks for Caddy to the guide", () => {
    const parsed = settingsSchema.safeParse({ "tls.mode": "caddy" });
    expect(parsed.error?.issues[0]?.message).toContain("docs/exposure.md");
  });

  it("give a small server less memory, unless a limit is set", () => {
    const small = settingsSchema.parse({ "server.profile": "small", "memory.redis": "100" });
    expect((["infisical", "postgres", "redis"] as const).map((role) => memoryOf(small, role))).toEqual([
      1280, 256, 100,
    ]);
    expect(memoryOf(settingsSchema.parse({}), "infisical")).toBe(2048);
  });
});
