import { Secret } from "@pulumi/policy";
import { describe, expect, it } from "vitest";
import { clearSecrets } from "../../../policy/clear-secrets";
import { unprotected, type StackResource } from "../../../policy/durable";
import { exposedWithoutTls } from "../../../policy/exposure";
import { imageWithoutDigest, movingImage } from "../../../policy/images";
import { wideGrants } from "../../../policy/wide-grants";

const CONTAINER = "docker:index/container:Container";
const SECRETS = "pulumi-nodejs:dynamic/infisical:Secrets";

describe("a secret in clear", () => {
  it.each([
    ["by its name", { login: { email: "a@example.com", password: "hunter2" } }, ["login.password"]],
    [
      "in a connection",
      { connection: { clientId: "id", clientSecret: "abc", url: "http://x" } },
      ["connection.clientSecret"],
    ],
    ["in an environment", { envs: ["PORT=1", "POSTGRES_PASSWORD=abc"] }, ["envs.1"]],
    ["in an address", { envs: ["DB_CONNECTION_URI=postgres://user:abc@host:5432/name"] }, ["envs.0"]],
    ["as a private key", { uploads: [{ content: "-----BEGIN PRIVATE KEY-----\nabc" }] }, ["uploads.0.content"]],
  ])("is found %s", (_how, inputs, paths) => {
    expect(clearSecrets(CONTAINER, inputs)).toEqual(paths);
  });

  it("is every value of a map of secrets, whatever its key", () => {
    const inputs = { path: "/app", values: { LEVEL: "debug", MARKED: new Secret("abc") } };
    expect(clearSecrets(SECRETS, inputs)).toEqual(["values.LEVEL"]);
  });

  it.each([
    ["marked", { login: { password: new Secret("hunter2") }, envs: [new Secret("POSTGRES_PASSWORD=abc")] }],
    ["marked as a whole", { keys: new Secret({ encryptionKey: "abc" }) }],
    ["not known yet", { clientSecret: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" }],
    [
      "empty, a path, an id or a number",
      { token: "", envs: ["FRONT_KEY=/front/key.pem"], clientSecretId: "a", ttl: 1 },
    ],
  ])("is not seen where the value is %s", (_how, inputs) => {
    expect(clearSecrets(CONTAINER, inputs)).toEqual([]);
  });
});

describe("a wide grant", () => {
  const privilege = (secretPath: { [operator: string]: unknown } | undefined) => ({
    slug: "one",
    permissions: [{ subject: "secrets", conditions: secretPath === undefined ? {} : { secretPath } }],
  });

  it.each([[{ $glob: "/**" }], [{ $eq: "/**" }], [{ $in: ["/app", "/**"] }], [{}], [undefined]])("is %j", (path) => {
    expect(wideGrants({ privileges: [privilege(path)] })).toHaveLength(1);
    expect(wideGrants({ privileges: [privilege(path)], acknowledge: ["the backup reads all"] })).toEqual([]);
  });

  it.each([[{ $eq: "/app" }], [{ $glob: "/app/**" }]])("is not %j", (path) => {
    expect(wideGrants({ privileges: [privilege(path)] })).toEqual([]);
  });
});

describe("a container that is reached from outside", () => {
  it.each([
    [{ ports: [{ internal: 80, external: 8080, ip: "0.0.0.0" }] }],
    [{ ports: [{ internal: 80 }] }],
    [{ ports: [{ internal: 80, ip: "192.168.1.2" }] }],
    [{ publishAllPorts: true }],
    [{ networkMode: "host" }],
  ])("is refused without TLS: %j", (container) => {
    expect(exposedWithoutTls(container)).toHaveLength(1);
    expect(exposedWithoutTls({ ...container, envs: ["HTTPS_ENABLED=true"] })).toEqual([]);
    expect(exposedWithoutTls({ ...container, labels: [{ label: "infisical-pulumi.tls", value: "true" }] })).toEqual([]);
  });

  it.each([["127.0.0.1"], ["127.9.9.9"], ["::1"]])("is none on %s", (ip) => {
    expect(exposedWithoutTls({ ports: [{ internal: 80, ip }] })).toEqual([]);
  });
});

describe("a durable server", () => {
  const resource = (more: Partial<StackResource>): StackResource => {
    const defaults = { urn: "key", type: "random:index/randomPassword:RandomPassword", name: "key", props: {} };
    return { ...defaults, protect: false, parent: "server", ...more };
  };
  const server = (durable: boolean): StackResource =>
    resource({ urn: "server", type: "infisical:index:InfisicalServer", props: { durable }, parent: undefined });

  it("has to have its keys protected, however deep they are", () => {
    const between = resource({ urn: "between", type: "some:component", parent: "server" });
    const found = unprotected([server(true), between, resource({ parent: "between" })]);
    expect(found).toEqual([{ urn: "key", message: expect.stringContaining("is not protected") }]);
  });

  it("is fine when they are, and so is one that is not durable", () => {
    expect(unprotected([server(true), resource({ protect: true })])).toEqual([]);
    expect(unprotected([server(false), resource({})])).toEqual([]);
    expect(unprotected([server(true), resource({ parent: undefined })])).toEqual([]);
  });
});

describe("an image", () => {
  const digest = `sha256:${"0".repeat(64)}`;

  it.each([["redis"], ["redis:latest"], ["registry.example.com:5000/redis"]])("moves: %s", (image) => {
    expect(movingImage(image)).toContain(image);
  });

  it.each([["redis:7-alpine"], ["registry.example.com:5000/redis:7.4"], [`redis@${digest}`], [digest]])(
    "is pinned: %s",
    (image) => {
      expect(movingImage(image)).toBeUndefined();
    },
  );

  it("is best named by digest", () => {
    expect(imageWithoutDigest("redis:7.4.1")).toContain("can change under its tag");
    expect(imageWithoutDigest(`redis:7.4.1@${digest}`)).toBeUndefined();
  });
});
