import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { LOCAL } from "../places";

const note = z.object({
  /** ISO time. */
  at: z.string(),
  archive: z.string(),
  secrets: z.number(),
  seconds: z.object({ total: z.number() }),
});

/** When a stack's backup was last restored for a try, and what came of it. */
export type DrillNote = z.output<typeof note>;

const FOLDER = join(LOCAL, "backups");

export function noteDrill(stack: string, drill: Omit<DrillNote, "at">): void {
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
  writeFileSync(fileOf(stack), JSON.stringify({ at: new Date().toISOString(), ...drill }));
}

export function readDrill(stack: string): DrillNote | undefined {
  try {
    return note.parse(JSON.parse(readFileSync(fileOf(stack), "utf8")));
  } catch {
    return undefined;
  }
}

function fileOf(stack: string): string {
  return join(FOLDER, `${stack}.drill.json`);
}
