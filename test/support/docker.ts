import Docker from "dockerode";
import { describe } from "vitest";
import { dockerObstacle } from "./engine";
import { recordNotRun } from "./not-run";

/** A suite that needs Docker: where there is none it is named as not run, in the list of tests and in the summary. */
export function describeOnDocker(title: string, suite: (engine: Docker) => void): void {
  const obstacle = dockerObstacle();
  if (obstacle === undefined) {
    describe(title, () => suite(new Docker()));
    return;
  }
  recordNotRun(title, obstacle);
  describe.skip(`${title} (not run: ${obstacle})`, () => suite(new Docker()));
}
