import { ProgramLab } from "./program-lab";
import { credentialWorks } from "../../infra/api/session";
import { compare, type Census } from "./census";
import type { RunResult } from "./program-engine";
import type { Cut } from "./wire";

/** One kill: of whom, at which request, and how the run is taken up again. */
export interface KillCase {
  run: "up" | "destroy";
  victim: Cut["victim"];
  when: Cut["when"];
  request: number;
  /** `npm run up`, which refreshes first, or a plain `pulumi up`. */
  again: "npm run up" | "pulumi up" | "destroy";
}

export interface KillOutcome {
  /** The request that it hit, such as `POST /api/v1/projects`; nothing when the run had fewer. */
  hit: string | undefined;
  problems: string[];
  doubles: string[];
  losses: string[];
}

/** Kills the program's runs at their requests, on the small engine, and looks at the server what came of it. */
export class RequestKiller {
  private constructor(
    private readonly lab: ProgramLab,
    /** Of unbroken runs. */
    readonly requests: { readonly up: string[]; readonly destroy: string[] },
    private readonly wanted: { readonly up: Census; readonly destroy: Census },
  ) {}

  static async open(): Promise<RequestKiller> {
    const lab = await ProgramLab.open();
    await lab.begin();
    const up = await counted(lab, () => lab.engine.up());
    const afterUp = await lab.census();
    const destroy = await counted(lab, () => lab.engine.destroy());
    return new RequestKiller(lab, { up, destroy }, { up: afterUp, destroy: await lab.census() });
  }

  /** What is in the server after an unbroken `up`. */
  get afterUp(): Census {
    return this.wanted.up;
  }

  async try(kill: KillCase): Promise<KillOutcome> {
    const { lab } = this;
    await lab.begin();
    if (kill.run === "destroy") await lab.engine.up();
    const hit = await this.killAt(kill);
    const again = await this.takeUp(kill);
    const problems = again.ended === "done" ? [] : [`${kill.again}: ${again.failures.join("; ")}`];
    const seen = compare(await lab.census(), this.wanted[kill.run]);
    if (kill.run === "up") problems.push(...(await this.lastingProblems()), ...(await this.leftByDestroy()));
    else problems.push(...[...lab.engine.state.keys()].map((key) => `still in the state: ${key}`));
    return { hit, problems, ...seen };
  }

  close(): Promise<void> {
    return this.lab.close();
  }

  private async killAt({ run, victim, when, request }: KillCase): Promise<string | undefined> {
    const { engine, wire } = this.lab;
    let hit: string | undefined;
    const onCut = (): void => {
      const seen = wire.requests[request - 1];
      hit = `${seen?.method ?? ""} ${seen?.path ?? ""}`;
      // A server that dies leaves the run to fail by itself.
      if (victim !== "server") engine.kill();
    };
    wire.arm({ victim, when, request, onCut });
    await (run === "up" ? engine.up() : engine.destroy());
    if (victim === "cli") await engine.settled();
    await wire.heal();
    return hit;
  }

  private takeUp({ again }: KillCase): Promise<RunResult> {
    if (again === "destroy") return this.lab.engine.destroy();
    return again === "pulumi up" ? this.lab.engine.up() : this.lab.upAgain();
  }

  /** What a broken run made belongs to the stack all the same, and goes with it. */
  private async leftByDestroy(): Promise<string[]> {
    const { failures } = await this.lab.engine.destroy();
    const { doubles } = compare(await this.lab.census(), this.wanted.destroy);
    return [...failures, ...doubles.map((left) => `a destroy leaves ${left}`)];
  }

  /** A second look finds nothing to do, and the application can log in. */
  private async lastingProblems(): Promise<string[]> {
    const { engine, server } = this.lab;
    const preview = await engine.up({ preview: true });
    const problems = preview.steps.map((step) => `a second preview wants to ${step}`);
    const secret = [...engine.state.values()].find(({ type }) => type.endsWith(":ClientSecret"))?.outputs;
    const identity = [...engine.state.values()].find(({ type }) => type.endsWith(":Identity"))?.outputs;
    const pair = { clientId: String(identity?.clientId), clientSecret: String(secret?.clientSecret) };
    if (!(await credentialWorks({ url: server.url, ...pair }))) problems.push("the application cannot log in");
    return problems;
  }
}

async function counted(lab: ProgramLab, run: () => Promise<RunResult>): Promise<string[]> {
  lab.wire.arm(undefined);
  const { ended, failures } = await run();
  if (ended !== "done") throw new Error(`an unbroken run failed: ${failures.join("; ")}`);
  return lab.wire.requests.map(({ method, path }) => `${method} ${path}`);
}
