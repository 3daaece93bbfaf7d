import type { MatrixRow } from "../../cli/commands/matrix";
import { credentialWorks } from "../../infra/api/session";
import { RotationStage } from "../support/rotation-stage";

const PROFILES = ["v0.159.22", "recorded"];
const UNDER_LOAD = 10;

/** Where a rotation is killed, by what it has just printed. */
export const STEPS: { step: string; after: RegExp }[] = [
  { step: "noted and not configured", after: /: to generation \d/ },
  { step: "configured", after: /: configured/ },
  { step: "the engine at work", after: /@ updating/ },
  { step: "the server asked for a new client secret", after: /ClientSecret \S+ updating/ },
  { step: "minted, and in the state", after: /ClientSecret \S+ updated/ },
  { step: "minted and not published", after: /: minted, publishing/ },
  { step: "published", after: /: published in/ },
  { step: "waiting for the end of the grace", after: /: waiting until/ },
  { step: "revoking the one before", after: /: revoking/ },
];

/** Rotations under load, and rotations killed at every step, on both profiles of the sandbox. */
export async function rows(): Promise<MatrixRow[]> {
  const all: MatrixRow[] = [];
  for (const profile of PROFILES) {
    const stage = await RotationStage.open(profile);
    try {
      all.push(await underLoad(stage, profile, UNDER_LOAD));
      for (const { step, after } of STEPS) all.push(await killed(stage, `${profile}: killed when ${step}`, after));
      all.push(await emergency(stage, profile));
    } finally {
      await stage.dispose();
    }
  }
  return all;
}

/** Applications read while the credential is rotated again and again. */
export async function underLoad(stage: RotationStage, profile: string, rotations: number): Promise<MatrixRow> {
  const first = await stage.generation();
  const { logins, reads, failures, mostAlive } = await stage.underLoad(async () => {
    for (let count = 0; count < rotations; count += 1) await stage.rotateToTheEnd({ wait: true });
  });
  const done = (await stage.generation()) - first;
  const figures = `rotations ${done}, logins ${logins}, reads ${reads}, failures ${failures.length}, most alive ${mostAlive}`;
  return {
    case: `${profile}: ${rotations} rotations under load`,
    seen: [figures, ...failures.slice(0, 3)].join("\n"),
    ok: done === rotations && failures.length === 0 && reads > 0 && mostAlive === 2,
  };
}

/** A rotation is killed, and the next one brings it to its end: one generation further, and nothing left over. */
export async function killed(stage: RotationStage, name: string, after: RegExp): Promise<MatrixRow> {
  const before = await stage.generation();
  const count = await stage.countAlive();
  const inTime = await stage.startRotation({ wait: true }).killAt(after);
  await stage.rotateToTheEnd({});
  const mostAlive = await count.stop();
  const further = (await stage.generation()) - before;
  const alive = await stage.alive();
  const published = (await stage.published()) !== undefined;
  const { code } = await stage.stack.run(["preview", "--expect-no-changes"]);
  const figures = { "generations further": further, "most alive": mostAlive, "alive after": alive };
  return {
    case: name,
    seen: [
      ...Object.entries(figures).map(([figure, value]) => `${figure} ${value}`),
      inTime ? "killed" : "NOT killed",
      published ? "published" : "NOT published",
      code === 0 ? "preview empty" : "preview NOT empty",
    ].join(", "),
    ok: inTime && further === 1 && mostAlive <= 2 && alive === 1 && published && code === 0,
  };
}

/** What may be in wrong hands is refused at once. */
export async function emergency(stage: RotationStage, profile: string): Promise<MatrixRow> {
  const leaked = await stage.published();
  await stage.rotateToTheEnd({ now: true });
  const refused = leaked !== undefined && !(await credentialWorks(leaked));
  const alive = await stage.alive();
  const published = (await stage.published()) !== undefined;
  return {
    case: `${profile}: --now`,
    seen: `alive ${alive}, the one before ${refused ? "refused" : "NOT refused"}, the new one ${published ? "published" : "NOT published"}`,
    ok: refused && alive === 1 && published,
  };
}
