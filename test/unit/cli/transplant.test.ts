import { describe, expect, it } from "vitest";
import { transplanted } from "../../../cli/core/backup/transplant";
import { nameOf, resourcesIn, type DeployedResource, type Deployment } from "../../../cli/core/deployment";

const FROM = { stack: "dev", url: "http://localhost:8080" };
const TO = { stack: "new", url: "http://localhost:9090" };

const SERVER = "infisical:index:InfisicalServer";
const WORKSPACE = "infisical:index:Workspace";
const VOLUME = `${SERVER}$docker:index/volume:Volume`;
const GATE = `${SERVER}$command:local:Command`;

const urn = (stack: string, types: string, name: string): string => `urn:pulumi:${stack}::infisical::${types}::${name}`;
const typeIn = (types: string): string => types.slice(types.lastIndexOf("$") + 1);

/** A state as an `up` leaves it, in small. */
function stateOf(stack: string, url: string, mark: string): Deployment {
  const root = urn(stack, "pulumi:pulumi:Stack", `infisical-${stack}`);
  const volume = urn(stack, VOLUME, "server-postgres-data");
  const gate = urn(stack, GATE, "server-ready");
  const random = urn(stack, "pulumi:providers:random", "default_4_21_2");
  const make = (types: string, name: string, more: Partial<DeployedResource> = {}): DeployedResource => ({
    urn: urn(stack, types, name),
    type: typeIn(types),
    id: `${name}-of-${mark}`,
    parent: root,
    ...more,
  });
  const resources = [
    make("pulumi:pulumi:Stack", `infisical-${stack}`, { outputs: { url } }),
    make(SERVER, "server"),
    make(WORKSPACE, "workspace"),
    make("pulumi:providers:random", "default_4_21_2"),
    make("pulumi:providers:docker", "default_5_2_0"),
    make(`${SERVER}$random:index/randomPassword:RandomPassword`, "server-encryption-key", {
      outputs: { result: mark },
      provider: `${random}::default_4_21_2-of-${mark}`,
    }),
    make(`${SERVER}$random:index/randomString:RandomString`, "server-suffix"),
    make(VOLUME, "server-postgres-data"),
    make(GATE, "server-ready"),
    make(`${WORKSPACE}$pulumi-nodejs:dynamic/infisical:Project`, "my-rag", {
      inputs: { connection: { url }, owner: `infisical/${stack}` },
      dependencies: [gate],
      propertyDependencies: { connection: [gate] },
      deletedWith: volume,
      replaceWith: [volume],
      provider: `${urn(stack, "pulumi:providers:pulumi-nodejs", "default")}::x`,
    }),
  ];
  return { version: 3, deployment: { resources, pending_operations: [] } };
}

const empty: Deployment = { version: 3, deployment: { secrets_providers: { type: "passphrase" } } };
const names = (state: Deployment): string[] => resourcesIn(state).map(nameOf);
const named = (state: Deployment, name: string): DeployedResource | undefined =>
  resourcesIn(state).find((one) => nameOf(one) === name);

describe("a saved state in an empty stack", () => {
  const saved = stateOf("dev", FROM.url, "saved");
  const result = transplanted(saved, FROM, empty, TO, "everything");

  it("brings keys and everything in the server, and leaves what serves it to the next up", () => {
    expect(names(result)).toContain("my-rag");
    expect(names(result)).toContain("server-encryption-key");
    for (const gone of ["server-suffix", "server-postgres-data", "server-ready", "default_5_2_0"]) {
      expect(names(result)).not.toContain(gone);
    }
  });

  it("bears the new stack's name everywhere, with its address and its mark", () => {
    const text = JSON.stringify(result);
    expect(text).not.toContain("urn:pulumi:dev::");
    expect(text).not.toContain(FROM.url);
    expect(names(result)[0]).toBe("infisical-new");
    expect(named(result, "my-rag")?.inputs).toEqual({ connection: { url: TO.url }, owner: "infisical/new" });
  });

  it("points at nothing that is not there", () => {
    const project = named(result, "my-rag");
    expect(project).toMatchObject({ dependencies: [], propertyDependencies: { connection: [] }, replaceWith: [] });
    expect(project).not.toHaveProperty("deletedWith");
  });

  it("can be the keys alone", () => {
    const keys = transplanted(saved, FROM, empty, TO, "keys");
    expect(names(keys)).toContain("server-encryption-key");
    expect(names(keys)).not.toContain("my-rag");
  });
});

describe("a saved state in the stack that it was saved from", () => {
  const result = transplanted(
    stateOf("dev", FROM.url, "saved"),
    FROM,
    stateOf("dev", FROM.url, "own"),
    FROM,
    "everything",
  );

  it("keeps what serves the API, and takes what is in the server from the saved state", () => {
    expect(named(result, "server-postgres-data")?.id).toBe("server-postgres-data-of-own");
    expect(named(result, "server-encryption-key")?.id).toBe("server-encryption-key-of-own");
    expect(named(result, "my-rag")?.id).toBe("my-rag-of-saved");
  });

  it("has every resource once, after what it depends on, with this state's own providers", () => {
    const all = names(result);
    expect(new Set(all).size).toBe(all.length);
    expect(all.indexOf("server-postgres-data")).toBeLessThan(all.indexOf("my-rag"));
    expect(named(result, "my-rag")?.deletedWith).toContain("server-postgres-data");
    expect(named(result, "server-encryption-key")?.provider).toMatch(/::default_4_21_2-of-own$/);
  });

  it("forgets operations that were under way", () => {
    expect(result.deployment).not.toHaveProperty("pending_operations");
  });
});
