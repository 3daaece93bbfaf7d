import { join } from "node:path";
import { ROOT } from "../core/places";
import { missing, type Part } from "./part";
import { run } from "./run";

/** This project at its commit, and how many files differ from it here; those differences are not in the bundle. */
export interface Source {
  part: Part;
  commit: string | undefined;
  changed: number;
}

export async function sourceOfProject(): Promise<Source> {
  const name = "this project";
  try {
    const top = (await run("git", ["rev-parse", "--show-toplevel"], ROOT)).trim();
    if (top !== ROOT) throw new Error("this folder is no git work tree of its own");
    const commit = (await run("git", ["rev-parse", "HEAD"], ROOT)).trim();
    const status = await run("git", ["status", "--porcelain"], ROOT);
    const changed = status.split("\n").filter((line) => line !== "").length;
    const note = changed === 0 ? "" : `; ${changed} changed or new files here are NOT in it`;
    const gather = async (folder: string): Promise<void> => {
      await run("git", ["archive", "--format=tar", "-o", join(folder, "project.tar"), commit], ROOT);
      await run("git", ["bundle", "create", join(folder, "project.bundle"), "HEAD"], ROOT);
    };
    return { part: { name, state: "real", detail: `commit ${commit.slice(0, 12)}${note}`, gather }, commit, changed };
  } catch (thrown) {
    const reason = thrown instanceof Error ? (thrown.message.split("\n")[0] ?? "") : String(thrown);
    return { part: missing(name, `its commit cannot be had (${reason})`), commit: undefined, changed: 0 };
  }
}
