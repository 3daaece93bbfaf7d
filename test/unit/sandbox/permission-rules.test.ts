import { describe, expect, it } from "vitest";
import { isAllowed, rulesFor, type Conditions, type PermissionRule } from "../../../sandbox/permission-rules.js";

const reading = (conditions?: Conditions): PermissionRule[] => [
  { subject: "secrets", action: ["describeSecret", "readValue"], ...(conditions === undefined ? {} : { conditions }) },
];
const at = (environment: string, secretPath: string): Record<string, string> => ({ environment, secretPath });
const mayRead = (rules: PermissionRule[], environment: string, path: string): boolean =>
  isAllowed(rules, "readValue", "secrets", at(environment, path));

describe("permission rules", () => {
  it("allow only what $eq and a glob without wildcards name", () => {
    const rules = reading({ environment: { $eq: "dev" }, secretPath: { $glob: "/openai-rag" } });
    expect(mayRead(rules, "dev", "/openai-rag")).toBe(true);
    expect(mayRead(rules, "dev", "/openai-rag/sub")).toBe(false);
    expect(mayRead(rules, "dev", "/")).toBe(false);
    expect(mayRead(rules, "staging", "/openai-rag")).toBe(false);
  });

  it("take /** as the folder itself and everything below, and * as one level", () => {
    const below = reading({ secretPath: { $glob: "/openai-rag/**" } });
    expect(mayRead(below, "dev", "/openai-rag")).toBe(true);
    expect(mayRead(below, "dev", "/openai-rag/sub/deep")).toBe(true);
    expect(mayRead(below, "dev", "/openai-rag-2")).toBe(false);
    const star = reading({ secretPath: { $glob: "/openai-rag*" } });
    expect(mayRead(star, "dev", "/openai-rag-2")).toBe(true);
    expect(mayRead(star, "dev", "/openai-rag/sub")).toBe(false);
  });

  it("know $in and $ne, and lists of attributes", () => {
    const rules = reading({ environment: { $in: ["dev", "staging"] }, secretPath: { $ne: "/private" } });
    expect(mayRead(rules, "staging", "/other")).toBe(true);
    expect(mayRead(rules, "prod", "/other")).toBe(false);
    expect(mayRead(rules, "dev", "/private")).toBe(false);
    const tagged = reading({ secretTags: { $in: ["public"] } });
    expect(isAllowed(tagged, "readValue", "secrets", { secretTags: ["x", "public"] })).toBe(true);
    expect(isAllowed(tagged, "readValue", "secrets", { secretTags: [] })).toBe(false);
  });

  it("match nothing when a condition has lost all its operators, or its glob has no leading slash", () => {
    expect(mayRead(reading({ secretPath: {} }), "dev", "/")).toBe(false);
    expect(mayRead(reading({ secretPath: { $glob: "openai-rag" } }), "dev", "/openai-rag")).toBe(false);
  });

  it("answer without attributes whether there is any such object at all, so that lists can be empty instead of refused", () => {
    const rules = reading({ environment: { $eq: "dev" } });
    expect(isAllowed(rules, "describeSecret", "secrets")).toBe(true);
    expect(isAllowed([], "describeSecret", "secrets")).toBe(false);
  });

  it("take the older action read on secrets for both newer ones", () => {
    const rules: PermissionRule[] = [{ subject: "secrets", action: ["read"], conditions: { environment: "dev" } }];
    expect(mayRead(rules, "dev", "/")).toBe(true);
    expect(isAllowed(rules, "describeSecret", "secrets", at("dev", "/"))).toBe(true);
    expect(isAllowed(rules, "edit", "secrets", at("dev", "/"))).toBe(false);
  });

  it("let the last matching rule decide, so that an inverted one takes away", () => {
    const rules: PermissionRule[] = [
      ...reading(),
      { subject: "secrets", action: "readValue", conditions: { secretPath: "/private" }, inverted: true },
    ];
    expect(mayRead(rules, "dev", "/other")).toBe(true);
    expect(mayRead(rules, "dev", "/private")).toBe(false);
    expect(isAllowed(rules, "readValue", "secrets")).toBe(true);
  });

  it("show a refused caller its own rules for that action, in the server's shape", () => {
    const conditions = { environment: { $eq: "dev" } };
    expect(rulesFor(reading(conditions), "describeSecret", "secrets")).toEqual([
      { action: ["describeSecret", "readValue"], inverted: false, subject: ["secrets"], conditions },
    ]);
    expect(rulesFor(reading(conditions), "create", "secrets")).toEqual([]);
  });
});
