import { chmodSync, statSync } from "node:fs";
import type { Finding, Patient } from "./patient";

/** Whether the passphrase opens the state, and whether anybody else can read it. */
export async function checkPassphrase({ workspace, opened }: Patient): Promise<Finding[]> {
  return [...opens(opened), ...hidden(workspace.env.PULUMI_CONFIG_PASSPHRASE_FILE)];
}

function opens({ deployment, refused }: Patient["opened"]): Finding[] {
  const check = "passphrase";
  if (refused !== undefined) {
    const remedy = "put back the passphrase that the stack was made with (.local/passphrase, or your own)";
    return [{ check, status: "bad", seen: `does not open the state: ${refused}`, remedy }];
  }
  if (deployment === undefined) return [{ check, status: "unknown", seen: "there is no stack yet" }];
  return [{ check, status: "ok", seen: "opens the state" }];
}

function hidden(file: string | undefined): Finding[] {
  const mode = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false })?.mode;
  if (file === undefined || mode === undefined || process.platform === "win32") return [];
  const check = "passphrase file";
  if ((mode & 0o077) === 0) return [{ check, status: "ok", seen: "readable by you alone" }];
  return [
    {
      check,
      status: "bad",
      seen: `others can read it (mode ${(mode & 0o777).toString(8)})`,
      remedy: `chmod 600 ${file}`,
      fix: async () => {
        chmodSync(file, 0o600);
        return `${file} is readable by you alone`;
      },
    },
  ];
}
