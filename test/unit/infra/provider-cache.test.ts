import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keptProvider } from "../../../infra/resources/provider-cache";

describe("the kept text of a provider", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "infisical-provider-cache-test-"));
    vi.stubEnv("INFISICAL_PROVIDER_CACHE", join(folder, "cache"));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  const files = (): string[] => readdirSync(join(folder, "cache"));

  it("is made once for a kind, and read after that", async () => {
    const make = vi.fn<() => Promise<string>>(async () => "the text");
    expect(await keptProvider("Secrets", make)).toBe("the text");
    expect(await keptProvider("Secrets", make)).toBe("the text");
    expect(await keptProvider("Folder", make)).toBe("the text");
    expect(make).toHaveBeenCalledTimes(2);
    expect(files()).toHaveLength(2);
    expect(statSync(join(folder, "cache", files()[0] ?? "")).mode & 0o777).toBe(0o600);
  });

  it("takes the place of the one that was made of older code", async () => {
    await keptProvider("Secrets", async () => "text");
    writeFileSync(join(folder, "cache", "Secrets-0123.js"), "of older code");
    const [current = ""] = files().filter((name) => name !== "Secrets-0123.js");
    rmSync(join(folder, "cache", current));
    await keptProvider("Secrets", async () => "made anew");
    expect(files()).toEqual([current]);
    expect(readFileSync(join(folder, "cache", current), "utf8")).toBe("made anew");
  });

  it("is made every time when it can be kept nowhere", async () => {
    writeFileSync(join(folder, "cache"), "a file where the folder should be");
    expect(await keptProvider("Secrets", async () => "the text")).toBe("the text");
    vi.stubEnv("INFISICAL_PROVIDER_CACHE", "");
    expect(await keptProvider("Secrets", async () => "the text")).toBe("the text");
  });
});
