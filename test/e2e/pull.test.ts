import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pullProject } from "../../cli/commands/pull";
import { LOCAL } from "../../cli/core/places";
import { createFolder } from "../../infra/api/folders";
import { addImport } from "../../infra/api/imports";
import { createEnvironment, createProject, findProject } from "../../infra/api/projects";
import { listSecrets, writeSecrets, type SecretsPlace } from "../../infra/api/secrets";
import { createTag } from "../../infra/api/tags";
import { openExternal, type External } from "../support/external";

const SLUG = "made-by-hand";

describe("a project that was made by hand", () => {
  let here: External;
  let folder: string;
  let projectId: string;

  const place = (environment: string, secretPath: string): SecretsPlace => ({ projectId, environment, secretPath });

  beforeAll(async () => {
    here = await openExternal();
    folder = mkdtempSync(join(LOCAL, "pull-test-"));
    projectId = await makeByHand(here);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await here?.close();
  });

  it("is described without its values when they are not asked for", async () => {
    const output = join(folder, "without.yaml");
    await pullProject(here.stack.workspace, SLUG, { output });
    const text = readFileSync(output, "utf8");
    expect(text).toContain("must-fill");
    expect(text).not.toMatch(/s3cret|postgres:/);
  });

  it("is described with its values in a file that only its owner reads", async () => {
    const output = join(folder, "with.yaml");
    const values = join(folder, "values.yaml");
    await pullProject(here.stack.workspace, SLUG, { output, values });
    expect(statSync(values).mode & 0o777).toBe(0o600);
    expect(readFileSync(values, "utf8")).toContain("s3cret");
    expect(readFileSync(output, "utf8")).not.toMatch(/s3cret|postgres:/);
    await expect(pullProject(here.stack.workspace, SLUG, { output, values })).rejects.toThrow(/is there already/);
  });

  it.each(["without.yaml", "with.yaml"])(
    "is adopted by %s without a change, and then there is nothing to do",
    async (file) => {
      here.stack.configure({ blueprint: join(folder, file) });
      await here.writes();
      await here.stack.up();
      expect(await here.writes()).toEqual([]);
      await here.stack.must(["preview", "--expect-no-changes"]);
      await here.stack.must(["refresh", "--yes", "--skip-preview", "--expect-no-changes"]);
      await here.stack.must(["destroy", "--yes", "--skip-preview"]);
      expect(await here.writes()).toEqual([]);
      expect(await findProject(here.server.ask, SLUG)).toMatchObject({ id: projectId });
      expect(await listSecrets(here.server.ask, place("prod", "/app/db"))).toHaveLength(3);
    },
  );

  it("that is not there is told by its name", async () => {
    await expect(pullProject(here.stack.workspace, "no-such-one", {})).rejects.toThrow(
      'there is no project with the slug "no-such-one"',
    );
  });
});

/** Everything that a blueprint can say of a project, made over the API. */
async function makeByHand({ server: { ask } }: External): Promise<string> {
  const { id: projectId } = await createProject(ask, { slug: SLUG, name: "By hand", description: "hand-made" });
  const tag = await createTag(ask, projectId, { slug: "red", color: "#ff0000" });
  for (const [index, slug] of ["prod", "qa"].entries()) {
    await createEnvironment(ask, projectId, { slug, name: slug.toUpperCase(), position: index + 1 });
    const place = { projectId, environment: slug };
    for (const path of ["/app", "/app/db", "/empty", "/shared"]) await createFolder(ask, place, path, `folder ${path}`);
    await writeSecrets(ask, { ...place, secretPath: "/app/db" }, [
      { key: "URL", value: "postgres://${USER}@db", comment: "of the database" },
      { key: "USER", value: "app", tagIds: [tag.id], metadata: { owner: "team a" } },
      { key: "CERT", value: "line 1\nline 2\n" },
    ]);
    await writeSecrets(ask, { ...place, secretPath: "/" }, [{ key: "ROOT_TOKEN", value: "s3cret: yes # no" }]);
    await addImport(ask, { ...place, secretPath: "/app" }, { environment: slug, path: "/shared" });
  }
  return projectId;
}
