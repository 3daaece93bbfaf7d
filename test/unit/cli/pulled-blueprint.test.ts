import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { LiveFolder, LiveProject } from "../../../cli/core/live-project";
import { pulledBlueprint } from "../../../cli/core/pulled-blueprint";
import { loadBlueprint } from "../../../infra/blueprint/load";
import type { Secret } from "../../../infra/api/secrets";

const folder = mkdtempSync(join(tmpdir(), "infisical-pulled-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const secret = (key: string, value: string, more: Partial<Secret> = {}): Secret => ({
  ...{ id: key, key, value, comment: "", tags: [], metadata: {}, version: 1, updatedAt: "" },
  ...more,
});
const inFolder = (path: string, more: Partial<LiveFolder> = {}): LiveFolder => ({
  ...{ path, description: "", secrets: [], imports: [], webhooks: [] },
  ...more,
});

const LIVE: LiveProject = {
  project: {
    ...{ id: "p", slug: "by-hand", name: "By hand", description: "" },
    environments: [{ id: "e", slug: "dev", name: "Development" }],
  },
  tags: [{ id: "t", slug: "red", color: "#ff0000" }],
  members: [{ membershipId: "m", email: "a@example.com", role: "viewer" }],
  environments: [
    {
      slug: "dev",
      name: "Development",
      folders: [
        inFolder("/", { secrets: [secret("ROOT", "no")] }),
        inFolder("/app", {
          secrets: [
            secret("B", "s3cret: # x\n"),
            secret("A", "${B}", { comment: "c", tags: ["red"], metadata: { k: "0" } }),
          ],
          imports: [{ id: "i", environment: "dev", path: "/shared" }],
        }),
        inFolder("/shared", { description: "for all" }),
        inFolder("/empty"),
      ],
    },
  ],
};

function loaded(blueprint: string) {
  const file = join(folder, "pulled.yaml");
  writeFileSync(file, blueprint);
  return loadBlueprint(file, "pulled.yaml", { licensed: false }).projects["by-hand"];
}

describe("the blueprint of a live project", () => {
  it("can be read back, and says all that there was", () => {
    const plan = loaded(pulledBlueprint(LIVE, { valuesFile: "values.yaml", url: "http://localhost" }).blueprint);
    expect(plan).toMatchObject({
      name: "By hand",
      environments: { dev: "Development" },
      members: { "a@example.com": "viewer" },
      tags: { red: "#ff0000" },
    });
    expect(Object.keys(plan?.folders.dev ?? {}).sort()).toEqual(["/", "/app", "/empty", "/shared"]);
    expect(plan?.folders.dev).toMatchObject({
      "/shared": { description: "for all" },
      "/app": { imports: [{ environment: "dev", path: "/shared" }] },
    });
    expect(plan?.secrets.dev?.["/app"]?.A).toEqual({
      file: "values.yaml",
      key: "dev:/app/A",
      references: true,
      ownership: "managed",
      comment: "c",
      tags: ["red"],
      metadata: { k: "0" },
    });
  });

  it("has the values beside it and not in it", () => {
    const { blueprint, values } = pulledBlueprint(LIVE, { valuesFile: "values.yaml", url: "http://localhost" });
    expect(values).toEqual({ "dev:/ROOT": "no", "dev:/app/A": "${B}", "dev:/app/B": "s3cret: # x\n" });
    expect(blueprint).not.toMatch(/s3cret|\$\{B/);
  });

  it("leaves the values to the server when no file is named for them", () => {
    const plan = loaded(pulledBlueprint(LIVE, { valuesFile: undefined, url: "http://localhost" }).blueprint);
    expect(plan?.secrets.dev?.["/app"]?.B).toEqual({ mustFill: true, ownership: "must-fill" });
  });
});
