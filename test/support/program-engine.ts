import { revive } from "./serialiser-stub";
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { messageOf } from "../../infra/api/fault";

/**
 * Stands in for the Pulumi engine: runs the real program with its real providers in this process, and keeps a state as
 * the engine does. Not Pulumi: no plugins, no locks, no files, one step after the other where it does not matter. It is
 * what makes a case cost a second instead of a minute; the same cases are sampled with the real CLI.
 *
 * What is not ours is taken for granted: random values, the sandbox's process and the gate just succeed.
 */
export interface Recorded {
  type: string;
  name: string;
  id: string;
  outputs: Properties;
  provider: pulumi.dynamic.ResourceProvider;
  /** The engine's mark of an object that was made in part. */
  halfMade: boolean;
}

type Properties = { [name: string]: unknown };

/** How a run ended, and what it did. */
export interface RunResult {
  ended: "done" | "failed" | "killed";
  failures: string[];
  /** Such as "create Project my-rag". */
  steps: string[];
}

const SECRET = "4dabf18193072939515e22adb298388d";
const OURS = "pulumi-nodejs:dynamic/infisical:";

export class ProgramEngine {
  /** By type and name, in the order of creation. */
  readonly state = new Map<string, Recorded>();
  private readonly values = new Map<string, string>();
  private run = new Run();

  constructor(
    private readonly program: () => Promise<pulumi.Inputs>,
    private readonly config: { [key: string]: string },
    /** Which keys of the configuration were set with `--secret`. */
    private readonly secretKeys: string[] = [],
    private readonly stack = "lab",
  ) {}

  /** A copy of what is stored, to go back to. */
  save(): Map<string, Recorded> {
    return new Map(structuredCloneOf(this.state));
  }

  restore(saved: Map<string, Recorded>): void {
    this.state.clear();
    for (const [key, recorded] of structuredCloneOf(saved)) this.state.set(key, recorded);
  }

  /** The run dies: nothing that happens from now on gets into the state. */
  kill(): void {
    this.run.kill();
  }

  /** Waits for what a killed run still has under way: a provider outlives its engine. */
  async settled(): Promise<void> {
    await this.run.settled();
  }

  /** Runs the program: creates, updates, replaces and deletes. `preview` only asks what would be done. */
  async up({ preview = false } = {}): Promise<RunResult> {
    const run = this.begin();
    const seen = new Set<string>();
    pulumi.runtime.setAllConfig(prefixed(this.config));
    process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(this.secretKeys.map((key) => `infisical:${key}`));
    await pulumi.runtime.setMocks(
      {
        call: ({ inputs }) => inputs,
        newResource: (args) => this.register(run, args, seen, preview),
      },
      "infisical",
      this.stack,
      preview,
    );
    await run.step(undefined, this.program);
    await run.finished();
    if (!run.isOver) await this.deleteUnwanted(run, seen, preview);
    return run.result();
  }

  /** Reads everything, as `--refresh` does. */
  async refresh(): Promise<RunResult> {
    const run = this.begin();
    for (const [key, recorded] of this.state) {
      await run.step(`read ${recorded.name}`, async () => {
        const found = await recorded.provider.read?.(recorded.id, { ...recorded.outputs });
        if (run.isKilled) return;
        if (found?.id === undefined) this.state.delete(key);
        else this.state.set(key, { ...recorded, outputs: plain(found.props) as Properties, halfMade: false });
      });
    }
    return run.result();
  }

  /** Deletes everything, the last made first. */
  async destroy(): Promise<RunResult> {
    const run = this.begin();
    for (const [key, recorded] of [...this.state].reverse()) {
      await this.remove(run, key, recorded);
      if (run.isOver) break;
    }
    return run.result();
  }

  private begin(): Run {
    // A provider process lives as long as one run, and so does what it keeps in mind.
    delete (globalThis as { infisicalTokens?: unknown }).infisicalTokens;
    this.run = new Run();
    return this.run;
  }

  private async register(
    run: Run,
    args: pulumi.runtime.MockResourceArgs,
    seen: Set<string>,
    preview: boolean,
  ): Promise<{ id: string; state: Properties }> {
    const { type, name } = args;
    const inputs = plain(args.inputs) as Properties;
    if (args.custom !== true) return { id: "", state: inputs };
    if (!type.startsWith(OURS) || type.endsWith(":SandboxServer")) return this.takenForGranted(type, name, inputs);
    const key = `${type}::${name}`;
    seen.add(key);
    const outputs = await run.step(undefined, () => this.bring(run, key, { type, name, inputs }, preview));
    // The engine answers nothing any more once it is dead or has given up.
    if (outputs === undefined) return new Promise(() => {});
    return { id: this.state.get(key)?.id ?? "", state: outputs };
  }

  private takenForGranted(type: string, name: string, inputs: Properties): { id: string; state: Properties } {
    const known = this.values.get(name) ?? randomBytes(16).toString("hex");
    this.values.set(name, known);
    const result = { [SECRET]: "1b47061264138c4ac30d75fd1eb44270", value: known };
    return { id: `${name}-id`, state: type.startsWith("random:") ? { ...inputs, result } : inputs };
  }

  private async bring(
    run: Run,
    key: string,
    wanted: { type: string; name: string; inputs: Properties },
    preview: boolean,
  ): Promise<Properties> {
    const { type, name, inputs } = wanted;
    const provider = revive(inputs.__provider);
    const news = plain((await provider.check?.({}, inputs))?.inputs ?? inputs) as Properties;
    const known = this.state.get(key);
    const difference = known === undefined ? undefined : await provider.diff?.(known.id, known.outputs, news);
    const replace = (difference?.replaces ?? []).length > 0;
    // A provider that leaves it open whether anything changes has found inputs that differ.
    if (known !== undefined && !replace && difference?.changes === false && !known.halfMade) return known.outputs;
    run.note(`${known === undefined ? "create" : replace ? "replace" : "update"} ${short(type)} ${name}`);
    if (preview) return known?.outputs ?? news;
    if (known !== undefined && replace) await this.remove(run, key, known);
    const current = replace ? undefined : known;
    return this.settle(run, key, { type, name, provider }, () =>
      current === undefined
        ? provider.create(news)
        : Promise.resolve(provider.update?.(current.id, current.outputs, news)).then((made) => ({
            id: current.id,
            outs: made?.outs,
          })),
    );
  }

  /** Stores what came out; a failure that carries properties is stored as half made. */
  private async settle(
    run: Run,
    key: string,
    what: Pick<Recorded, "type" | "name" | "provider">,
    act: () => Promise<{ id: string; outs?: Properties }>,
  ): Promise<Properties> {
    const store = (id: string, outputs: unknown, halfMade: boolean): Properties => {
      const recorded = { ...what, id, outputs: plain(outputs) as Properties, halfMade };
      if (!run.isKilled) this.state.set(key, recorded);
      return recorded.outputs;
    };
    try {
      const { id, outs } = await act();
      return store(id, outs, false);
    } catch (thrown) {
      const { id, properties } = thrown as { id?: string; properties?: unknown };
      if (id !== undefined) store(id, properties, true);
      throw thrown;
    }
  }

  private async deleteUnwanted(run: Run, seen: Set<string>, preview: boolean): Promise<void> {
    for (const [key, recorded] of [...this.state].reverse()) {
      if (seen.has(key)) continue;
      if (preview) run.note(`delete ${short(recorded.type)} ${recorded.name}`);
      else await this.remove(run, key, recorded);
      if (run.isOver) return;
    }
  }

  private async remove(run: Run, key: string, { type, name, id, outputs, provider }: Recorded): Promise<void> {
    run.note(`delete ${short(type)} ${name}`);
    await run.step(undefined, async () => {
      await provider.delete?.(id, outputs);
      if (!run.isKilled) this.state.delete(key);
      return true;
    });
  }
}

/** One run of the engine: what is under way, and whether it has come to its end. */
class Run {
  isKilled = false;
  private readonly failures: string[] = [];
  private readonly steps: string[] = [];
  private underway = 0;
  private lastChange = Date.now();
  private tellKilled: () => void = () => {};
  private readonly whenKilled = new Promise<undefined>((resolve) => {
    this.tellKilled = () => resolve(undefined);
  });

  /** Nothing new is begun any more. */
  get isOver(): boolean {
    return this.isKilled || this.failures.length > 0;
  }

  kill(): void {
    this.isKilled = true;
    this.tellKilled();
  }

  fail(reason: string): void {
    this.failures.push(reason);
  }

  note(step: string): void {
    this.steps.push(step);
  }

  /** @returns nothing when it failed, or when its outcome reaches nobody. */
  async step<T>(name: string | undefined, act: () => Promise<T>): Promise<T | undefined> {
    if (this.isOver) return undefined;
    if (name !== undefined) this.note(name);
    return Promise.race([this.whenKilled, this.counted(act)]);
  }

  private async counted<T>(act: () => Promise<T>): Promise<T | undefined> {
    this.underway += 1;
    this.lastChange = Date.now();
    try {
      return await act();
    } catch (thrown) {
      if (!this.isKilled) this.fail(messageOf(thrown));
      return undefined;
    } finally {
      this.underway -= 1;
      this.lastChange = Date.now();
    }
  }

  /** The program has no more to register when nothing has been under way for a while. */
  async finished(): Promise<void> {
    const QUIET = 60;
    this.lastChange = Date.now();
    while (!this.isKilled && (this.underway > 0 || Date.now() - this.lastChange < QUIET)) await pause(5);
  }

  /** Waits for what is under way, although nobody hears of it any more. */
  async settled(): Promise<void> {
    while (this.underway > 0) await pause(5);
  }

  result(): RunResult {
    const ended = this.isKilled ? "killed" : this.failures.length > 0 ? "failed" : "done";
    return { ended, failures: this.failures, steps: this.steps };
  }
}

/** Without the marks of secrets: a provider is handed plain values. */
export function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (SECRET in value) return plain((value as unknown as { value: unknown }).value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function short(type: string): string {
  return type.slice(type.lastIndexOf(":") + 1);
}

function prefixed(config: { [key: string]: string }): { [key: string]: string } {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [`infisical:${key}`, value]));
}

function structuredCloneOf(state: Map<string, Recorded>): [string, Recorded][] {
  return [...state].map(([key, recorded]) => [key, { ...recorded, outputs: structuredClone(recorded.outputs) }]);
}
