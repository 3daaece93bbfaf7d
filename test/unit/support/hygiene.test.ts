import { describe, expect, it } from "vitest";
import { distinct, findSecrets, formsOf, secretsInExport, type Place } from "../../support/hygiene";

const VALUE = 'p"ss/w+rd &ü 0123';
const SECRET = { name: "the database password", value: VALUE };
const place = (text: string): Place => ({ name: "a log", content: Buffer.from(text) });

describe("the search for secrets", () => {
  it.each([
    ["as it is", `before ${VALUE} after`],
    ["JSON-escaped", JSON.stringify({ password: VALUE })],
    ["JSON-escaped twice", JSON.stringify(JSON.stringify({ password: VALUE }))],
    ["URL-encoded", `postgres://u:${encodeURIComponent(VALUE)}@db`],
    ["form-encoded", new URLSearchParams({ password: VALUE }).toString()],
    ["hexadecimal", Buffer.from(VALUE).toString("hex")],
    ["base64", Buffer.from(VALUE).toString("base64")],
    ["base64", Buffer.from(`u:${VALUE}:x`).toString("base64")],
    ["base64", Buffer.from(`ab${VALUE}`).toString("base64")],
    ["base64", Buffer.from(`abc${VALUE}xy`).toString("base64")],
  ])("finds one that was planted %s", (form, text) => {
    const hits = findSecrets([SECRET], [place(text)]);
    expect(hits).toContainEqual({ secret: "the database password", form, place: "a log" });
  });

  it("finds base64url of every length and at every offset", () => {
    for (let length = 12; length < 16; length += 1) {
      for (const before of ["", "x", "xy"]) {
        const value = "þÿ?~>".repeat(4).slice(0, length);
        const text = Buffer.from(`${before}${value}tail`).toString("base64url");
        expect(findSecrets([{ name: "n", value }], [place(text)]).length).toBeGreaterThan(0);
      }
    }
  });

  it("names the secret and the place, and never the value", () => {
    const report = JSON.stringify(findSecrets([SECRET], [place(VALUE)]));
    for (const { text } of formsOf(VALUE)) expect(report).not.toContain(text);
  });

  it("finds nothing where nothing is", () => {
    expect(findSecrets([SECRET], [place("password: [secret]"), place(VALUE.slice(0, -1))])).toEqual([]);
  });
});

describe("the secrets of an export", () => {
  const sealed = (value: unknown): object => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    plaintext: JSON.stringify(value),
  });

  it("are all texts that the engine holds as secrets, at any depth, under the names of their resources", () => {
    const exported = {
      deployment: {
        resources: [
          { urn: "urn:pulumi:s::p::t::key", outputs: { result: sealed("generated-value"), length: 32 } },
          { urn: "urn:pulumi:s::p::t::folder", inputs: { values: { A: sealed({ deep: ["inner-value"] }) } } },
        ],
      },
    };
    expect(secretsInExport(exported)).toEqual([
      { name: "key.outputs.result", value: "generated-value" },
      { name: "folder.inputs.values.A.deep.0", value: "inner-value" },
    ]);
  });

  it("are each taken once, and those too short to tell from chance are left out", () => {
    const twice = [
      { name: "first", value: "same-value" },
      { name: "second", value: "same-value" },
      { name: "short", value: "abc" },
    ];
    expect(distinct(twice)).toEqual([{ name: "first", value: "same-value" }]);
  });
});
