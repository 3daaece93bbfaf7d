import { describe, expect, it } from "vitest";
import { groupsOf } from "../../../cli/core/checks/history";
import { age, type Patient } from "../../../cli/core/checks/patient";
import { checkPassphrase } from "../../../cli/core/checks/passphrase";
import { checkPlaceholders } from "../../../cli/core/checks/placeholders";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const secret = (value: unknown): object => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

function patient(opened: Patient["opened"], env: NodeJS.ProcessEnv = {}): Patient {
  const workspace = {
    stack: "dev",
    env,
    configFile: undefined,
    quietFolder: "",
    standIns: [],
    ownBackend: undefined,
    tools: { parts: {}, path: [], standInPath: [] },
  };
  return {
    workspace,
    target: "sandbox",
    engine: undefined,
    state: { resources: [], pending: [] },
    answers: false,
    opened,
  };
}

describe("the doctor", () => {
  it("names secrets that are placeholders, and no value", async () => {
    const values = {
      KEY: secret("PLACEHOLDER: set it with: pulumi config set --secret KEY"),
      OTHER: secret("sk-real"),
    };
    const resource = {
      urn: "urn:pulumi:dev::infisical::pulumi-nodejs:dynamic/infisical:Secrets::a",
      type: "pulumi-nodejs:dynamic/infisical:Secrets",
      inputs: { values },
    };
    const [finding] = await checkPlaceholders(patient({ deployment: { deployment: { resources: [resource] } } }));
    expect(finding).toMatchObject({ status: "warn", seen: "KEY: placeholders" });
    expect(JSON.stringify(finding)).not.toContain("sk-real");
  });

  it("says that a passphrase does not open the state, and with what to open it", async () => {
    const [finding] = await checkPassphrase(patient({ refused: "incorrect passphrase" }));
    expect(finding).toMatchObject({ status: "bad", seen: expect.stringContaining("incorrect passphrase") });
    expect(finding?.remedy).toContain(".local/passphrase");
  });

  it("finds a passphrase file that others can read, and can put that right", async () => {
    const folder = mkdtempSync(join(tmpdir(), "doctor-test-"));
    try {
      const file = join(folder, "passphrase");
      writeFileSync(file, "x");
      chmodSync(file, 0o644);
      const findings = await checkPassphrase(patient({}, { PULUMI_CONFIG_PASSPHRASE_FILE: file }));
      const bad = findings.find(({ status }) => status === "bad");
      expect(bad?.seen).toContain("mode 644");
      await bad?.fix?.();
      expect(statSync(file).mode & 0o777).toBe(0o600);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("puts the copies of one run together, newest first", () => {
    const files = [
      "/s/backups/infisical/dev/dev.1795503783091365307.json",
      "/s/backups/infisical/dev/dev.1795503783091365307.json.attrs",
      "/s/backups/infisical/dev/dev.1795503999091365307.json",
      "/s/history/infisical/dev/meta.yaml",
    ];
    expect(groupsOf(files)).toEqual([[files[2]], [files[0], files[1]]]);
  });

  it("tells ages as people do", () => {
    const now = new Date("2026-11-24T12:00:00Z");
    expect(age(new Date("2026-11-24T11:30:00Z"), now)).toBe("less than an hour");
    expect(age(new Date("2026-11-23T12:00:00Z"), now)).toBe("24 h");
    expect(age(new Date("2026-11-14T12:00:00Z"), now)).toBe("10 days");
  });
});
