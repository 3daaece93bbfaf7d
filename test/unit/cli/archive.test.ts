import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { randomBytes } from "node:crypto";
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bytesOf, readArchive, writeArchive, type Part } from "../../../cli/core/backup/archive";
import { checksumOf, type Manifest } from "../../../cli/core/backup/manifest";

const PASSPHRASE = "a passphrase of a test";

/** With little work for the passphrase: the real amount takes a second. */
function locked(passphrase = PASSPHRASE): Encrypter {
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(8);
  encrypter.setPassphrase(passphrase);
  return encrypter;
}

function opening(passphrase = PASSPHRASE): Decrypter {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  return decrypter;
}

const data = randomBytes(300_000);
const contents = { "keys.json": Buffer.from('{"key":"k"}'), "database.dump": data };

function parts(change: (name: string, content: Buffer) => Buffer = (_, content) => content): Part[] {
  return Object.entries(contents).map(([name, content]) => {
    const given = change(name, content);
    return { name, bytes: given.length, open: () => Readable.from([given]) };
  });
}

const manifest: Manifest = {
  format: 1,
  createdAt: "2026-11-24T07:00:00.000Z",
  project: "infisical",
  stack: "dev",
  target: "docker",
  url: "http://localhost:8080",
  keyFingerprint: "0123456789abcdef",
  versions: { infisical: "infisical/infisical:v0.159.22", postgres: "postgres:15-alpine", pulumi: "3.250.0" },
  parts: Object.fromEntries(Object.entries(contents).map(([name, content]) => [name, checksumOf(content)])),
};

describe("an archive", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "archive-test-"));
    file = join(folder, "dev.tar.gz.age");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const read = async (decrypter: Decrypter, from = file): Promise<{ [name: string]: Buffer }> => {
    const seen: { [name: string]: Buffer } = {};
    await readArchive(from, decrypter, async (name, content) => {
      seen[name] = await bytesOf(content);
    });
    return seen;
  };

  it("gives back every part, and its manifest", async () => {
    await writeArchive(file, folder, locked(), manifest, parts());
    expect(await read(opening())).toEqual(contents);
    expect(await readArchive(file, opening(), async (_, content) => void (await bytesOf(content)))).toEqual(manifest);
  });

  it("is readable by its owner alone, holds nothing in clear, and leaves nothing beside it", async () => {
    await writeArchive(file, folder, locked(), manifest, parts());
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file).includes("keys.json")).toBe(false);
    expect(readdirSync(folder)).toEqual(["dev.tar.gz.age"]);
  });

  it("opens for the private key of its recipient, and for no other", async () => {
    const [mine, other] = [await generateX25519Identity(), await generateX25519Identity()];
    const encrypter = new Encrypter();
    encrypter.addRecipient(await identityToRecipient(mine));
    await writeArchive(file, folder, encrypter, manifest, parts());
    const withKey = (identity: string): Decrypter => {
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      return decrypter;
    };
    expect(await read(withKey(mine))).toEqual(contents);
    await expect(read(withKey(other))).rejects.toThrow(/does not open with this key/);
  });

  it("does not open with another passphrase, and says so", async () => {
    await writeArchive(file, folder, locked(), manifest, parts());
    await expect(read(opening("another"))).rejects.toThrow(/does not open with this key.*Nothing was touched/s);
  });

  it.each([
    ["cut short by a few bytes", (whole: Buffer) => whole.subarray(0, -10)],
    ["cut short by half", (whole: Buffer) => whole.subarray(0, whole.length / 2)],
    ["cut short within its header", (whole: Buffer) => whole.subarray(0, 60)],
    ["empty", () => Buffer.alloc(0)],
    ["another file altogether", () => Buffer.from("<html>not found</html>")],
    [
      "changed in one bit",
      (whole: Buffer) => {
        const changed = Buffer.from(whole);
        const at = whole.length - 1_000;
        changed.writeUInt8((whole[at] ?? 0) ^ 1, at);
        return changed;
      },
    ],
  ])("is refused as damaged when it is %s", async (_, damage) => {
    await writeArchive(file, folder, locked(), manifest, parts());
    writeFileSync(file, damage(readFileSync(file)));
    await expect(read(opening())).rejects.toThrow(/is damaged or cut short/);
  });

  it("is refused when a part is not what the manifest says, although it opens", async () => {
    const other = parts((name, content) => (name === "keys.json" ? Buffer.from('{"key":"x"}') : content));
    await writeArchive(file, folder, locked(), manifest, other);
    await expect(read(opening())).rejects.toThrow(/keys\.json is not as it was written/);
  });

  it("is refused when a part is missing", async () => {
    await writeArchive(file, folder, locked(), manifest, parts().slice(0, 1));
    await expect(read(opening())).rejects.toThrow(/database\.dump is missing/);
  });

  it("leaves nothing behind when a part cannot be read", async () => {
    const broken = {
      name: "database.dump",
      bytes: 10,
      open: () =>
        new Readable({
          read() {
            this.destroy(new Error("the dump is gone"));
          },
        }),
    };
    await expect(writeArchive(file, folder, locked(), manifest, [broken])).rejects.toThrow(
      /the dump is gone.*Nothing of it is left/s,
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});
