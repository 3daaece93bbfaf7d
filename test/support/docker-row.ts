import type Docker from "dockerode";
import { messageOf } from "../../infra/api/fault";
import type { MatrixRow } from "../../cli/commands/matrix";
import { compare, type Census } from "./census";
import { COMPLETE, DockerStack, unlike } from "./kill-on-docker";

/** A row of a table that is played through on a Docker engine, with a stack of its own. @param run gives what went wrong. */
export async function onDocker(
  engine: Docker,
  title: string,
  run: (docker: DockerStack) => Promise<string[]>,
  right = "converged, 0 doubles, 0 losses",
): Promise<MatrixRow> {
  const docker = await DockerStack.open(engine);
  const problems: string[] = [];
  try {
    problems.push(...(await run(docker)));
  } catch (thrown) {
    problems.push(messageOf(thrown));
  }
  await docker.dispose().catch((thrown: unknown) => problems.push(String(thrown)));
  return { case: title, seen: problems.length === 0 ? right : problems.join("\n"), ok: problems.length === 0 };
}

/** What is not as it has to be on a stack that is up. */
export async function dockerProblems(docker: DockerStack, wanted: Census): Promise<string[]> {
  const preview = await docker.stack.run(["preview", "--expect-no-changes"]);
  const { doubles, losses } = compare(await docker.census(), wanted);
  return [
    ...(preview.code === 0 ? [] : [`a second preview wants to change something\n${preview.stdout}`]),
    ...unlike(await docker.seen(), COMPLETE),
    ...doubles.map((one) => `double ${one}`),
    ...losses.map((one) => `lost ${one}`),
  ];
}

export function failed({ code, text }: { code: number; text: string }, command: string): string[] {
  return code === 0 ? [] : [`${command}: exit code ${code}\n${text}`];
}
