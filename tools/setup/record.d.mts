import type { Places } from "./places.mjs";
import type { Part, Plan } from "./plan.mjs";

type Environment = Readonly<Record<string, string | undefined>>;

export interface Python {
  readonly version: string;
  readonly path: string;
}
/** Content of `.local/tools.json`. `path` goes first on PATH; `standInPath` before it, only where stand-ins may be used. */
export interface ToolsRecord {
  readonly recipe: string;
  readonly root: string;
  readonly pulumiOnPath: string | null;
  readonly parts: Readonly<Record<string, Part>>;
  readonly standIns: readonly string[];
  readonly path: readonly string[];
  readonly standInPath: readonly string[];
  readonly python?: Python | null;
  readonly pathOfPython: string;
}
export function readRecord(places: Places): ToolsRecord | undefined;
export function writeRecord(
  parts: Readonly<Record<string, Part>>,
  python: Python | null | undefined,
  places: Places,
  env: Environment,
): void;
export function isRecordGood(
  record: ToolsRecord | undefined,
  plan: Plan,
  places: Places,
  env: Environment,
  home: string,
): boolean;
