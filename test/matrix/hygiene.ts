import type { MatrixRow } from "../../cli/commands/matrix";
import { dockerObstacle } from "../support/engine";
import { hygieneRun, kindOfPlace, type HygieneReport } from "../support/hygiene-run";
import { recordNotRun } from "../support/not-run";

/** Each kind of place that a run leaves open to see, and which of the run's secrets were found in it. */
export async function rows(): Promise<MatrixRow[]> {
  const rows = rowsOf("sandbox", await hygieneRun("sandbox"));
  const obstacle = dockerObstacle();
  if (obstacle === undefined) return [...rows, ...rowsOf("docker", await hygieneRun("docker"))];
  recordNotRun("hygiene on Docker", obstacle);
  return [...rows, { case: "docker", seen: `not run: ${obstacle}`, ok: true }];
}

function rowsOf(target: string, { secrets, places, hits, looks }: HygieneReport): MatrixRow[] {
  const kinds = [...new Set(places.map(({ name }) => kindOfPlace(name)))];
  const table = kinds.map((kind) => {
    const searched = places.filter(({ name }) => kindOfPlace(name) === kind);
    const found = hits.filter(({ place }) => kindOfPlace(place) === kind);
    const bytes = searched.reduce((sum, { content }) => sum + content.length, 0);
    const lines = found.map(({ secret, form, place }) => `${secret} (${form}) in ${place}`);
    const figures = `${found.length} of ${secrets.length} secrets x ${searched.length} places (${Math.ceil(bytes / 1_000)} kB)`;
    return { case: `${target}: ${kind}`, seen: [figures, ...lines].join("\n"), ok: found.length === 0 };
  });
  const total = `${hits.length} of ${secrets.length} secrets x ${places.length} places; processes looked at ${looks} times`;
  return [...table, { case: `${target}: all`, seen: total, ok: hits.length === 0 }];
}
