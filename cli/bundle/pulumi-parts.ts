import { chmodSync, copyFileSync, mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { Tools } from "../core/tools";
import { missing, type Part } from "./part";

const PROGRAMS: { [part: string]: string } = {
  pulumi: "pulumi",
  command: "pulumi-resource-command",
  docker: "pulumi-resource-docker",
  random: "pulumi-resource-random",
  "language-nodejs": "pulumi-language-nodejs",
};

/** Pulumi's command line, its language host and the plugins that this project uses, at the versions in use here. */
export function pulumiParts(tools: Tools): Part[] {
  return Object.entries(PROGRAMS).map(([name, program]) => {
    const title = name === "pulumi" ? "Pulumi CLI" : `Pulumi plugin ${name}`;
    const part = tools.parts[name];
    if (part?.path === undefined) return missing(title, "not on this machine: see `npm run up`");
    const version = part.version ?? "unknown version";
    if (part.from === "stand-in") {
      return {
        name: title,
        state: "stand-in",
        detail: `${version}: a program of this project's own (docs/stand-ins.md)`,
      };
    }
    const { path } = part;
    return {
      name: title,
      state: "real",
      detail: `${version} (${part.from})`,
      gather: (folder) => take(path, program, folder),
    };
  });
}

function take(path: string, program: string, folder: string): Promise<void> {
  const target = join(folder, "tools");
  mkdirSync(target, { recursive: true });
  copyFileSync(realpathSync(path), join(target, program));
  chmodSync(join(target, program), 0o755);
  return Promise.resolve();
}
