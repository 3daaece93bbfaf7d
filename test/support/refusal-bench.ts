import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { TestStack } from "./stack";

/** A stack file, and a blueprint where the case is about one. */
export interface Input {
  /** Keys without `infisical:`; they go into the stack file as YAML has them. */
  config?: { [key: string]: unknown };
  /** Text of a blueprint file. */
  blueprint?: string;
  /** Further environment variables of the CLI. */
  env?: { [name: string]: string };
}

/** What `up` said to it. */
export interface Refusal {
  /** Lines of the one message; several when there were several. */
  lines: string[];
  /** What is not as it has to be, whatever the message says; empty when all is well. */
  faults: string[];
}

const BLUEPRINT = "blueprint.yaml";

/** Runs `up` with bad input on a stack that is made for it once, and looks whether anything was created. */
export class RefusalBench {
  private constructor(
    private readonly stack: TestStack,
    private readonly stackFile: { [section: string]: unknown },
  ) {}

  static async open(): Promise<RefusalBench> {
    const stack = await TestStack.open({ target: "sandbox" });
    return new RefusalBench(stack, parse(readFileSync(stack.configFile, "utf8")) as { [section: string]: unknown });
  }

  close(): Promise<void> {
    return this.stack.dispose();
  }

  async refuse({ config = {}, blueprint, env = {} }: Input): Promise<Refusal> {
    const file = join(this.stack.backend.folder, BLUEPRINT);
    if (blueprint !== undefined) writeFileSync(file, blueprint);
    const settings = {
      target: "sandbox",
      "server.port": String(this.stack.port),
      ...(blueprint === undefined ? {} : { blueprint: file }),
      ...config,
    };
    const entries = Object.entries(settings).map(([key, value]) => [`infisical:${key}`, value]);
    writeFileSync(this.stack.configFile, stringify({ ...this.stackFile, config: Object.fromEntries(entries) }));
    const { workspace } = this.stack;
    Object.assign(workspace.env, env);
    const { code, stdout, stderr } = await this.stack.run(["up", "--yes", "--skip-preview"]);
    for (const name of Object.keys(env)) delete workspace.env[name];
    const messages = messagesIn(`${stdout}\n${stderr}`.replaceAll(file, BLUEPRINT));
    const faults = [...formFaults(code, messages, stdout + stderr), ...(await this.created())];
    if (code === 0) await this.stack.must(["destroy", "--yes", "--skip-preview"]);
    return { lines: messages.flat(), faults };
  }

  /** Read from the file of the state: asking the CLI would take as long as the case itself. */
  private resources(): { urn: string; type: string }[] {
    const folder = join(this.stack.backend.folder, "state", ".pulumi", "stacks", "infisical");
    const state = JSON.parse(readFileSync(join(folder, `${this.stack.name}.json`), "utf8")) as {
      checkpoint: { latest?: { resources?: { urn: string; type: string }[] } };
    };
    return state.checkpoint.latest?.resources ?? [];
  }

  private async created(): Promise<string[]> {
    const resources = this.resources().filter(({ type }) => type !== "pulumi:pulumi:Stack");
    const things = await this.stack.leftovers();
    return [...resources.map(({ urn }) => `created in the state: ${urn}`), ...things.map((thing) => `made: ${thing}`)];
  }
}

function formFaults(code: number, messages: string[][], text: string): string[] {
  const faults = code === 0 ? ["accepted"] : [];
  if (code !== 0 && messages.length !== 1) faults.push(`${messages.length} messages`);
  if (messages.some((lines) => lines.length !== 1)) faults.push("a message of several lines");
  if (/^\s+at .*:\d+:\d+\)?$/m.test(text) || text.includes("unhandled exception")) faults.push("a stack trace");
  return faults;
}

/** The errors in the CLI's last summary, each with the lines that belong to it; live progress tells them before, too. */
function messagesIn(text: string): string[][] {
  const start = text.indexOf("Diagnostics:");
  const rest = text.slice(start);
  const end = rest.search(/^(?:Outputs|Resources|Duration):/m);
  const messages: string[][] = [];
  let inMessage = false;
  for (const line of rest.slice(0, end === -1 ? undefined : end).split("\n")) {
    const begins = /^\s*error: (.*)$/.exec(line);
    if (begins !== null) messages.push([begins[1] ?? ""]);
    inMessage = begins !== null || (inMessage && !/^\s*(?:warning: .*|\S+ \(.*\):)?$/.test(line));
    if (begins === null && inMessage) messages.at(-1)?.push(line.trim());
  }
  return messages;
}
