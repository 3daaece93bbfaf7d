import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { blueprintJsonSchema, SCHEMA_FILE } from "../../../cli/commands/schema";

it("the JSON schema beside the blueprints is that of the program (npm run schema writes it)", async () => {
  expect(readFileSync(SCHEMA_FILE, "utf8")).toBe(await blueprintJsonSchema());
});
