import { describe, expect, it } from "vitest";
import { diagnose, redacted } from "../../../infra/gate/signatures";

describe("a known failure", () => {
  it.each([
    ["RangeError: Invalid key length", /key has the wrong length/],
    ["Error: Unsupported state or unable to authenticate data", /another encryption key/],
    ['error: password authentication failed for user "infisical"', /Postgres refuses the password/],
    ['Boot up migration failed: database "infisical" does not exist', /first start was broken off/],
    ['{"err":{"message":"database \\"infisical\\" does not exist"}}', /first start was broken off/],
    ['initdb: error: directory "/var/lib/postgresql/data" exists but is not empty', /first start was broken off/],
    ["Error: listen EADDRINUSE: address already in use 0.0.0.0:8080", /port is taken/],
    ["FATAL ERROR: Reached heap limit - JavaScript heap out of memory", /out of memory/],
    ["state exited, exit code 137, OOMKilled", /out of memory/],
    ["Boot up migration failed", /could not be brought up to date/],
    ["Error: connect ECONNREFUSED 172.18.0.3:6379", /Redis is not reached/],
    ["ReplyError: WRONGPASS invalid username-password pair", /Redis is not reached/],
    ["Invalid environment variables. Check the error below", /setting that the server needs/],
    ["write /data/x: no space left on device", /disk is full/],
  ])("is told by its log: %s", (log, cause) => {
    const found = diagnose(`first line\n${log}\nlast line`);
    expect(found?.cause).toMatch(cause);
    expect(found?.remedy).not.toBe("");
  });

  it("is none for what nobody knows", () => {
    expect(diagnose("Server listening at http://0.0.0.0:8080")).toBeUndefined();
  });
});

describe("a log line", () => {
  it.each([
    ["postgres://infisical:s3cret@postgres:5432/infisical", "postgres://infisical:***@postgres:5432/infisical"],
    ["redis://:s3cret@redis:6379", "redis://:***@redis:6379"],
    ["postgres://u:s3cret%2Fs3cret@h/d?x=1", "postgres://u:***@h/d?x=1"],
    ["postgres://u:s3c@s3cret@host/d", "postgres://u:***@host/d"],
    ['{"a":"postgres://u:s3cret@h","b":"redis://:s3cret@r"}', '{"a":"postgres://u:***@h","b":"redis://:***@r"}'],
  ])("%s loses its password and nothing else", (line, expected) => {
    expect(redacted(`seen: ${line} .`)).toBe(`seen: ${expected} .`);
  });

  it("without a credential stays as it is", () => {
    const line = "GET http://localhost:8080/api/status 200, mail to admin@example.com";
    expect(redacted(line)).toBe(line);
  });
});
