import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadBlueprint, readBlueprintFile } from "../../../infra/blueprint/load";
import { coversFolder, folderOfGrant, type Blueprint } from "../../../infra/blueprint/schema";
import { configNamesOf, resolveValues } from "../../../infra/blueprint/values";
import { rows } from "../../matrix/blueprint";

const folder = mkdtempSync(join(tmpdir(), "infisical-blueprint-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(text: string): Blueprint {
  const file = join(folder, "blueprint.yaml");
  writeFileSync(file, text);
  return loadBlueprint(file, "blueprint.yaml", { licensed: false, now: new Date("2027-01-15T12:00:00Z") });
}

function values(text: string, around: { env?: { [name: string]: string }; config?: { [name: string]: string } } = {}) {
  const file = join(folder, "blueprint.yaml");
  writeFileSync(file, text);
  const blueprint = readBlueprintFile(file, "blueprint.yaml", { licensed: false });
  const { env = {}, config = {} } = around;
  const resolved = resolveValues(blueprint, { config: (name) => config[name], env, root: folder, opened: new Map() });
  const keys = blueprint.plan.projects["my-rag"]?.secrets.dev?.["/app"] ?? {};
  const found = Object.entries(keys).map(([key, plan]) => [key, "generated" in plan ? plan : resolved.of(plan)]);
  return { values: Object.fromEntries(found) as { [key: string]: unknown }, unset: resolved.unset };
}

const app = (keys: string, project = ""): string => `projects:
  my-rag:
    name: my-rag
    environments: { dev: Development, prod: Production }
${project}    secrets:
      dev:
        /app:
${keys
  .split("\n")
  .map((line) => `          ${line}\n`)
  .join("")}`;

describe("the blueprint of the project", () => {
  it("is read as it is written, with defaults in their places", () => {
    const plan = loadBlueprint("blueprints/my-rag.yaml", "blueprints/my-rag.yaml", { licensed: false });
    expect(Object.keys(plan.projects)).toEqual(["my-rag"]);
    expect(plan.projects["my-rag"]?.secrets.dev?.["/openai-rag"]).toMatchObject({
      OPENAI_API_KEY: { config: "OPENAI_API_KEY", required: false, ownership: "managed" },
      OPENAI_LLM_MODEL: { literal: "gpt-4o-mini", ownership: "managed" },
    });
    expect(plan.identities["rag-sdk-identity"]).toEqual({
      token: { ttl: 7200, maxTtl: 7200, uses: 0, period: 0 },
      lockout: { enabled: true, threshold: 3, duration: 300, counterReset: 30 },
      clientSecret: { ttl: 0, uses: 0, grace: 7200 },
      trustedIps: ["0.0.0.0/0", "::/0"],
      grants: [{ project: "my-rag", environment: "dev", path: "/openai-rag", actions: ["read"] }],
    });
  });
});

describe("bad input in a blueprint", async () => {
  it.each(await rows())("$case: one message that names file and line", ({ ok, seen }) => {
    expect(ok, seen).toBe(true);
  });
});

describe("several problems in a blueprint", () => {
  it("is told with its line when it is an alias of nothing", () => {
    expect(() => load("projects:\n  my-rag: *missing\n")).toThrow("blueprint.yaml:2: *missing: there is no &missing");
  });

  it("are told together, a line each", () => {
    const bad = app('A: "${NOPE}"\nB: "${NEITHER}"');
    expect(() => load(bad)).toThrow(/^blueprint\.yaml:8: .*NOPE.*\nblueprint\.yaml:9: .*NEITHER[^\n]*$/);
  });
});

describe("what is said for every environment", () => {
  const text = `projects:
  my-rag:
    name: my-rag
    environments: { dev: Development, prod: Production }
    extraKeys: prune
    folders:
      "*": { /shared: {}, /app: { imports: [/shared, "prod:/shared"], extraKeys: keep } }
    secrets:
      "*":
        /app: { URL: "http://localhost", LOG: info, SAME: { generated: {} } }
      prod:
        /app: { URL: "https://example.com" }
        /only: { A: x }
`;

  it("holds in each, where the environment says nothing else", () => {
    const project = load(text).projects["my-rag"];
    expect(project?.secrets.dev?.["/app"]).toMatchObject({ URL: { literal: "http://localhost" } });
    expect(project?.secrets.prod?.["/app"]).toMatchObject({
      URL: { literal: "https://example.com" },
      LOG: { literal: "info" },
    });
    expect(Object.keys(project?.secrets.dev ?? {})).toEqual(["/app"]);
  });

  it("goes for folders too: imports without an environment mean their own", () => {
    const project = load(text).projects["my-rag"];
    expect(project?.folders.dev?.["/app"]).toMatchObject({
      extraKeys: "keep",
      imports: [
        { environment: "dev", path: "/shared" },
        { environment: "prod", path: "/shared" },
      ],
    });
    expect(project?.folders.prod?.["/only"]).toMatchObject({ extraKeys: "prune" });
  });
});

describe("folders", () => {
  it("are a list, or paths with what is said of them", () => {
    const listed = load(app("A: x", "    folders: { dev: [/a, /b/c] }\n")).projects["my-rag"]?.folders;
    expect(Object.keys(listed?.dev ?? {})).toEqual(["/a", "/b/c", "/app"]);
    expect(listed?.dev?.["/a"]).toEqual({ description: "", extraKeys: "keep", imports: [], webhooks: [] });
    const said = load(app("A: x", "    folders: { dev: { /a: { description: mine }, /b: } }\n")).projects["my-rag"];
    expect(said?.folders.dev).toMatchObject({ "/a": { description: "mine" }, "/b": { description: "" } });
  });
});

describe("grants", () => {
  const granted = (grants: string): Blueprint["identities"][string]["grants"] =>
    load(`${app("A: x")}identities:\n  svc:\n    grants:\n${grants}`).identities.svc?.grants ?? [];

  it("in several environments are one for each", () => {
    expect(granted("      - { environment: [dev, prod], path: /app/**, actions: [read, write] }\n")).toEqual([
      { project: "my-rag", environment: "dev", path: "/app/**", actions: ["read", "write"] },
      { project: "my-rag", environment: "prod", path: "/app/**", actions: ["read", "write"] },
    ]);
  });

  it("may end", () => {
    const until = "2027-02-01T00:00:00Z";
    expect(granted(`      - { environment: dev, path: /app, until: "${until}" }\n`)[0]?.until).toBe(until);
  });

  it("of a whole environment say why", () => {
    const all = granted("      - { environment: dev, path: /**, acknowledge: the backup job reads everything }\n");
    expect(all.map(({ path }) => path)).toEqual(["/**"]);
  });

  it.each([
    ["/app", "/app", true],
    ["/app", "/app/sub", false],
    ["/app/**", "/app", true],
    ["/app/**", "/app/sub/sub", true],
    ["/app/**", "/apples", false],
    ["/**", "/", true],
    ["/**", "/anything", true],
    ["/", "/", true],
    ["/", "/app", false],
  ])("on %s and the folder %s: %s", (path, asked, covered) => {
    expect(coversFolder({ path }, asked)).toBe(covered);
  });

  it("are for a folder", () => {
    expect(["/app/**", "/**", "/app"].map((path) => folderOfGrant({ path }))).toEqual(["/app", "/", "/app"]);
  });
});

describe("sources of values", () => {
  it("are literal, configuration, environment, file and an entry of a file", () => {
    writeFileSync(join(folder, "cert.pem"), "line 1\nline 2\n\n");
    writeFileSync(join(folder, "many.yaml"), '"dev:/app/E": "a \\n"\nOTHER: x\n');
    const text = app(`A: plain
B: { config: B_SECRET }
C: { env: C_VARIABLE, references: true }
D: { file: cert.pem }
E: { file: many.yaml, key: "dev:/app/E" }
F: { generated: { length: 12, charset: hex } }
G: { ownership: must-fill }
H: { config: UNSET }`);
    const { values: found, unset } = values(text, { env: { C_VARIABLE: "${A}" }, config: { B_SECRET: "of b" } });
    expect(found).toMatchObject({ A: "plain", B: "of b", C: "${A}", D: "line 1\nline 2", E: "a \n" });
    expect(found.F).toEqual({ generated: { length: 12, charset: "hex", generation: 1 }, ownership: "managed" });
    expect(found.G).toMatch(/^PLACEHOLDER: /);
    expect(found.H).toBe("PLACEHOLDER: set it with: pulumi config set --secret UNSET");
    expect(unset).toEqual(["UNSET"]);
  });

  it("of the configuration are known by name", () => {
    const hooked =
      '    folders: { dev: { /app: { webhooks: [{ url: "https://1.1.1.1/x", secret: { config: S } }] } } }\n';
    expect(configNamesOf(load(app("A: { config: B }\nC: { config: B }", hooked)))).toEqual(["B", "S"]);
  });

  it("that are no text are refused without being shown", () => {
    writeFileSync(join(folder, "binary"), Buffer.from([0xff, 0xfe, 0x00]));
    expect(() => values(app("A: { file: binary }"))).toThrow("binary is no text in UTF-8");
    writeFileSync(join(folder, "large"), "s3cret".repeat(200_000));
    const refused = (): unknown => values(app("A: { file: large }"));
    expect(refused).toThrow(/the value is 1200000 bytes/);
    expect(refused).not.toThrow(/s3cret/);
  });
});
