import { describe, expect, it } from "vitest";
import {
  expandReferences,
  withRenamedReference,
  type SecretPlace,
} from "../../../sandbox/project/secret-references.js";

const here: SecretPlace = { environment: "dev", path: "/app", key: "SELF" };

const reader =
  (values: Record<string, string>) =>
  ({ environment, path, key }: SecretPlace): Promise<string | undefined> =>
    Promise.resolve(values[`${environment}:${path}:${key}`]);

describe("references in secret values", () => {
  it("are replaced through several secrets, each read from its own folder", async () => {
    const read = reader({ "prod:/db:URL": "pg://${HOST}", "prod:/db:HOST": "h", "dev:/app:HOST": "wrong" });
    expect(await expandReferences("<${prod.db.URL}>", here, read)).toBe("<pg://h>");
  });

  it("of a circle end in nothing instead of never", async () => {
    const read = reader({ "dev:/app:A": "a${B}", "dev:/app:B": "b${A}" });
    expect(await expandReferences("${A}", here, read)).toMatch(/^(ab)+a?$/);
  });

  it("reach the root folder of another environment", async () => {
    expect(await expandReferences("${prod.KEY}", here, reader({ "prod:/:KEY": "v" }))).toBe("v");
  });

  it("follow a rename, in the short and in the long form, and nothing else does", () => {
    const target = { ...here, key: "OLD" };
    const value = "${OLD} ${dev.app.OLD} ${dev.other.OLD} ${OLDER}";
    expect(withRenamedReference(value, here, target, "NEW")).toBe("${NEW} ${dev.app.NEW} ${dev.other.OLD} ${OLDER}");
  });

  it("of the same key in another folder are left alone by a rename", () => {
    const elsewhere = { ...here, path: "/other" };
    expect(withRenamedReference("${OLD}", elsewhere, { ...here, key: "OLD" }, "NEW")).toBe("${OLD}");
  });
});
