import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configurationReference } from "../../../cli/commands/docs";
import { ROOT } from "../../../cli/core/places";
import { formOf, words } from "../../../cli/reference/json-schema";
import { settingsSchema } from "../../../infra/settings-schema";

describe("docs/configuration.md", () => {
  it("is in step with the schemas (if not: npm run docs)", async () => {
    expect(readFileSync(join(ROOT, "docs", "configuration.md"), "utf8")).toBe(await configurationReference());
  });

  it("has every setting", async () => {
    const page = await configurationReference();
    for (const key of Object.keys(settingsSchema.shape)) expect(page).toContain(`| \`${key}\``);
  });
});

describe("the form of a value", () => {
  it.each([
    [{ enum: ["a", "b"] }, "`a`, `b`"],
    [{ type: "string", pattern: String.raw`^\d+$` }, "whole number"],
    [{ type: "integer", minimum: 1, maximum: 5 }, "1 to 5"],
    [{ type: "boolean" }, "`true`, `false`"],
    [{ anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] }, "text or list of text"],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, "text"],
  ])("of %j is %s", (schema, form) => {
    expect(formOf(schema)).toBe(form);
  });

  it("has its description with no markup but code", () => {
    expect(words("a <b> and /** of `x*y`")).toBe(String.raw`a \<b> and /\*\* of ` + "`x*y`");
  });
});
