import { describe, expect, it } from "vitest";
import { provider, randomText } from "../../../tools/standins/random.mjs";

const urn = (type: string): string => `urn:pulumi:dev::infisical::random:index/${type}::key`;
const PASSWORD = urn("randomPassword:RandomPassword");
const BYTES = urn("randomBytes:RandomBytes");
const UUID = urn("randomUuid:RandomUuid");

const secret = (value: unknown): Record<string, unknown> => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

describe("the stand-in random plugin", () => {
  it("refuses an input that it does not implement, by name", async () => {
    const { failures } = await provider.check(PASSWORD, {}, { length: 8, pepper: true });
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ property: "pepper" });
    expect(failures[0]?.reason).toContain("does not implement");
  });

  it("refuses a resource that it does not have", async () => {
    const pet = urn("randomPet:RandomPet");
    await expect(provider.check(pet, {}, {})).rejects.toThrow(/RandomPet: install the real plugin/);
  });

  it("says in its version that it is a stand-in", () => {
    expect(provider.version).toBe("4.21.2+standin");
  });

  it("draws from exactly the groups that are on and keeps the minimums", () => {
    const text = randomText({ length: 40, special: false, minUpper: 30, minNumeric: 5 });
    expect(text).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(text.replaceAll(/[^A-Z]/g, "").length).toBeGreaterThanOrEqual(30);
    expect(text.replaceAll(/\D/g, "").length).toBeGreaterThanOrEqual(5);
    const hex = { length: 32, lower: false, upper: false, numeric: false, overrideSpecial: "0123456789abcdef" };
    expect(randomText(hex)).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each([
    ["too short for its minimums", { length: 4, minLower: 3, minUpper: 3 }],
    ["empty", { length: 0 }],
    ["without any character to draw", { length: 4, lower: false, upper: false, numeric: false, special: false }],
  ])("refuses a text that is %s", async (_what, inputs) => {
    const { failures } = await provider.check(PASSWORD, {}, inputs);
    expect(failures.map((failure) => failure.property)).toEqual(["length"]);
  });

  it("lets a value through that a preview does not know yet", async () => {
    const { failures } = await provider.check(PASSWORD, {}, { length: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" });
    expect(failures).toEqual([]);
  });

  it("stores what the real one stores, defaults included", async () => {
    const { id, outs } = await provider.create(PASSWORD, { length: secret(20), special: false });
    expect(id).toBe("none");
    expect(outs).toMatchObject({ special: false, lower: true, numeric: true, number: true, minSpecial: 0 });
    expect(String(outs["result"])).toHaveLength(20);
  });

  it("keeps the real one's leak: the id of RandomBytes is the secret", async () => {
    const { id, outs } = await provider.create(BYTES, { length: 16 });
    expect(id).toBe(outs["base64"]);
    expect(Buffer.from(String(outs["base64"]), "base64").toString("hex")).toBe(outs["hex"]);
    expect(outs["hex"]).toMatch(/^[0-9a-f]{32}$/);
  });

  it("replaces on a change and is left alone by a default that is spelled out", async () => {
    const { id, outs } = await provider.create(PASSWORD, { length: 20 });
    const same = await provider.diff(id, PASSWORD, outs, { length: 20, upper: true, numeric: true });
    expect(same).toEqual({ changes: false, replaces: [] });
    const longer = await provider.diff(id, PASSWORD, outs, { length: secret(21) });
    expect(longer).toEqual({ changes: true, replaces: ["length"] });
    const kept = await provider.diff("x", UUID, { result: "x", keepers: { a: "1" } }, { keepers: { a: "2" } });
    expect(kept.replaces).toEqual(["keepers"]);
  });
});
