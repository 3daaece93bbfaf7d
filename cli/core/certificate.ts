import { KINDS, type Belongings, type BelongingKind } from "./belongings";

/** One line of the certificate: how many there were, and what is left of them. */
export interface CertificateLine {
  kind: BelongingKind | "resources in the state";
  existed: number;
  left: string[];
  /** Whether it was looked for; Docker cannot be asked where none is reached. */
  seen: boolean;
}

const ON_DOCKER = ["containers", "volumes", "networks"];

/**
 * What there was, beside what there is.
 * @param dockerSeen whether Docker could be asked, where the stack uses it.
 */
export function certificateOf(
  before: Belongings,
  after: Belongings,
  resources: { existed: number; left: string[] },
  dockerSeen: boolean,
): CertificateLine[] {
  const lines = KINDS.map((kind) => ({
    kind,
    existed: new Set([...before[kind], ...after[kind]]).size,
    left: after[kind],
    seen: dockerSeen || !ON_DOCKER.includes(kind),
  }));
  return [...lines, { kind: "resources in the state", ...resources, seen: true }];
}

/** The certificate as a table for a person, with the names of what is left. */
export function certificateTable(lines: CertificateLine[]): string[] {
  const width = Math.max(...lines.map(({ kind }) => kind.length));
  const head = `${"".padEnd(width)}  existed  left`;
  const rows = lines.map(({ kind, existed, left, seen }) => {
    if (!seen) return `${kind.padEnd(width)}  not looked for: Docker is not reached`;
    const names = left.length === 0 ? "" : `  ${shortened(left)}`;
    return `${kind.padEnd(width)}  ${String(existed).padStart(7)}  ${String(left.length).padStart(4)}${names}`;
  });
  return [head, ...rows];
}

function shortened(names: string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
