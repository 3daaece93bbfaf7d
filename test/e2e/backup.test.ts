import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { LOCAL } from "../../cli/core/places";
import { execIn, runningContainer } from "../../cli/core/backup/container";
import { bytesOf, readArchive, writeArchive } from "../../cli/core/backup/archive";
import { archivesIn } from "../../cli/core/backup/shelf";
import { checksumOf, type Manifest } from "../../cli/core/backup/manifest";
import { PARTS, saveBackup, type Saved } from "../../cli/core/backup/save";
import { decrypterFor, encrypterFor } from "../../cli/core/backup/seal";
import { runDrill } from "../../cli/commands/drill";
import { restoreStack } from "../../cli/commands/restore";
import { readBackWithSdks } from "../../cli/core/consumers";
import { fingerprintOf } from "../../infra/key-fingerprint";
import { dockerObstacle } from "../support/engine";
import { recordNotRun } from "../support/not-run";
import { asAdministrator, secretsIn } from "../support/server-view";
import { TestStack } from "../support/stack";

const API_KEY = "sk-backup-e2e/with+signs";

const OBSTACLE = dockerObstacle();
if (OBSTACLE !== undefined) recordNotRun("backup, restore and drill on Docker", OBSTACLE);
const TARGETS = OBSTACLE === undefined ? (["sandbox", "docker"] as const) : (["sandbox"] as const);

/** One stack is saved once; each block does something else with its archive. */
describe.each(TARGETS)("a backup of a stack on %s", (target) => {
  let stack: TestStack;
  let folder: string;
  let saved: Saved;

  const secrets = async (of: TestStack): Promise<{ [key: string]: string }> => {
    const outputs = await of.outputs();
    const place = { projectId: String(outputs.projectId), environment: "dev", secretPath: "/openai-rag" };
    return asAdministrator(outputs, (view) => secretsIn(view, place));
  };

  /** A copy of the archive with something else in it, and checksums that fit. */
  const rewritten = async (change: (manifest: Manifest, parts: Map<string, Buffer>) => Manifest): Promise<string> => {
    const parts = new Map<string, Buffer>();
    const key = await decrypterFor({}, stack.workspace);
    const read = await readArchive(saved.file, key, async (name, content) => {
      parts.set(name, await bytesOf(content));
    });
    const manifest = change(read, parts);
    const given = [...parts].map(([name, content]) => ({
      name,
      bytes: content.length,
      open: () => Readable.from([content]),
    }));
    const checked = { ...manifest, parts: mapped(parts, checksumOf) };
    const file = join(mkdtempSync(join(tmpdir(), "backup-e2e-other-")), "other.tar.gz.age");
    onTestFinished(() => rmSync(dirname(file), { recursive: true }));
    await writeArchive(file, dirname(file), await encrypterFor({}, stack.workspace), checked, given);
    return file;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "backup-e2e-"));
    stack = await TestStack.open({ target });
    await stack.configureSecret("OPENAI_API_KEY", API_KEY);
    await stack.up();
    saved = await saveBackup(stack.workspace, { folder });
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await stack?.dispose();
  });

  it("is one file that was read back, with nothing in clear and nothing beside it", () => {
    expect(saved).toMatchObject({ readBack: true, proven: 4 });
    expect(readdirSync(folder)).toEqual([saved.file.slice(folder.length + 1)]);
    expect(readFileSync(saved.file).includes(API_KEY)).toBe(false);
  });

  it("is read back by a drill, which leaves nothing", async () => {
    const result = await runDrill(stack.workspace, { folder });
    expect(result).toMatchObject({ archive: saved.file, secrets: 4 });
    expect(throwaways()).toEqual([]);
  });

  if (target === "sandbox")
    it("is refused with a wrong passphrase and when it is damaged, before the stack is touched", async () => {
      const before = await stack.resources();
      const wrong = join(folder, "passphrase");
      writeFileSync(wrong, "another passphrase\n");
      onTestFinished(() => rmSync(wrong));
      await expect(restoreStack(stack.workspace, saved.file, { passphraseFile: wrong })).rejects.toThrow(
        /does not open with this key.*Nothing was touched/s,
      );
      const damaged = join(folder, "damaged.age");
      onTestFinished(() => rmSync(damaged));
      writeFileSync(damaged, readFileSync(saved.file).subarray(0, saved.bytes - 100));
      await expect(restoreStack(stack.workspace, damaged, {})).rejects.toThrow(/damaged or cut short/);
      expect(await stack.resources()).toEqual(before);
      expect((await secrets(stack)).OPENAI_API_KEY).toBe(API_KEY);
    });

  // On Docker an upgrade that goes back does it.
  if (target === "sandbox")
    it("brings the same stack back to what it was, with the credential that its applications have", async () => {
      const credential = await stack.output("clientSecret");
      stack.configure({ OPENAI_API_KEY: undefined });
      await stack.configureSecret("OPENAI_API_KEY", "sk-written-later");
      await stack.up();
      expect((await secrets(stack)).OPENAI_API_KEY).toBe("sk-written-later");
      await stack.configureSecret("OPENAI_API_KEY", API_KEY);
      expect(await restoreStack(stack.workspace, saved.file, {})).toBe("the same stack");
      expect((await secrets(stack)).OPENAI_API_KEY).toBe(API_KEY);
      expect(await stack.output("clientSecret")).toBe(credential);
    });

  // On Docker the rehearsal of an upgrade does it.
  if (target === "sandbox")
    it("makes a new stack of another name with the same data, and the next up changes nothing in it", async () => {
      const other = await TestStack.open({ target });
      onTestFinished(() => other.dispose());
      const passphraseFile = join(folder, "old-passphrase");
      writeFileSync(passphraseFile, String(stack.workspace.env.PULUMI_CONFIG_PASSPHRASE));
      onTestFinished(() => rmSync(passphraseFile));
      expect(await restoreStack(other.workspace, saved.file, { passphraseFile })).toBe("a new stack");
      expect((await secrets(other)).OPENAI_API_KEY).toBe(API_KEY);
      expect(await other.output("clientSecret")).toBe(await stack.output("clientSecret"));
      const read = (await readBackWithSdks(other.workspace)).filter(({ outcome }) => outcome !== "not run");
      expect(read.map(({ outcome, line }) => ({ outcome, line }))).toEqual(
        read.map(({ line }) => ({ outcome: "read", line })),
      );
      const { stdout } = await other.must(["preview", "--json"]);
      const { changeSummary } = JSON.parse(stdout) as { changeSummary: { [operation: string]: number } };
      expect(Object.keys(changeSummary)).toEqual(["same"]);
      const text = (await other.must(["stack", "export"])).stdout;
      for (const secret of [API_KEY, await other.output("clientSecret"), await other.output("adminPassword")]) {
        expect(text).not.toContain(secret);
      }
    });

  if (target === "sandbox")
    it("is refused when its key is not the stack's, before the stack is touched", async () => {
      const before = await stack.resources();
      const foreign = await rewritten((manifest, parts) => {
        const encryptionKey = "0123456789abcdef0123456789abcdef";
        parts.set(PARTS.keys, Buffer.from(JSON.stringify({ encryptionKey, authSecret: "" })));
        return { ...manifest, keyFingerprint: fingerprintOf(encryptionKey) };
      });
      await expect(restoreStack(stack.workspace, foreign, {})).rejects.toThrow(
        /does not open the data.*Nothing was touched/s,
      );
      expect(await stack.resources()).toEqual(before);
      expect((await secrets(stack)).OPENAI_API_KEY).toBe(API_KEY);
    });

  it("gives the data from before back when it turns out to be cut short in the middle of a restore", async () => {
    const credential = await stack.output("clientSecret");
    const cutShort = await rewritten((manifest, parts) => {
      const name = target === "docker" ? PARTS.database : PARTS.sandbox;
      const data = parts.get(name) ?? Buffer.alloc(0);
      parts.set(name, data.subarray(0, data.length / 2));
      return manifest;
    });
    await expect(restoreStack(stack.workspace, cutShort, {})).rejects.toThrow(
      /not restored.*did not end well.*has the data from before again/s,
    );
    expect((await secrets(stack)).OPENAI_API_KEY).toBe(API_KEY);
    expect(await stack.output("clientSecret")).toBe(credential);
    await stack.must(["preview", "--expect-no-changes"]);
  });

  it("is not made when the disk is full, and the one before stays", async () => {
    const small = await smallDisk(folder);
    if (small === undefined) {
      recordNotRun(`a backup of ${target} on a full disk`, "no file system can be mounted here");
      return;
    }
    onTestFinished(() => small.unmount());
    await expect(saveBackup(stack.workspace, { folder: small.folder })).rejects.toThrow(/the disk is full/);
    expect(readdirSync(small.folder)).toEqual([]);
    expect(archivesIn(folder, stack.name)).toHaveLength(1);
  });

  if (target === "docker")
    it("is not made when the dump is cut short, and says why", async () => {
      const engine = new Docker();
      const postgres = await runningContainer(engine, stack.name, "postgres");
      const tool = "/usr/local/bin/pg_dump";
      const script = 'real "$@" | head -c 1000; echo "connection lost" >&2; exit 1';
      const text = `#!/bin/sh\n${script.replace("real", `${tool}.real`)}\n`;
      await execIn(postgres, `mv ${tool} ${tool}.real && printf '%s' '${text}' > ${tool} && chmod 755 ${tool}`);
      onTestFinished(() => execIn(postgres, `mv ${tool}.real ${tool}`).then(() => undefined));
      await expect(saveBackup(stack.workspace, { folder })).rejects.toThrow(/did not end well.*connection lost/s);
      expect(archivesIn(folder, stack.name)).toHaveLength(1);
      expect(readdirSync(folder)).toHaveLength(1);
    });
});

function mapped<T, U>(map: Map<string, T>, change: (value: T) => U): { [key: string]: U } {
  return Object.fromEntries([...map].map(([key, value]) => [key, change(value)]));
}

/** Throwaway stacks that are on this machine. */
function throwaways(): string[] {
  const folders = [join(LOCAL, "throwaways"), join(LOCAL, "sandbox")].filter((folder) => existsSync(folder));
  return folders.flatMap((folder) => readdirSync(folder)).filter((name) => /^(drill|rehearsal)-/.test(name));
}

/** A file system of 96 kB, where root may mount one: too small for an archive. */
async function smallDisk(parent: string): Promise<{ folder: string; unmount: () => void } | undefined> {
  const folder = join(parent, "small-disk");
  mkdirSync(folder);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=96k", "tmpfs", folder], { stdio: "ignore" });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  return {
    folder,
    unmount: () => {
      execFileSync("umount", [folder]);
      rmSync(folder, { recursive: true });
    },
  };
}
