import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import Docker from "dockerode";
import { askPulumi } from "../../cli/core/pulumi";
import { STACK_LABEL } from "../../infra/labels";
import { distinct, findSecrets, secretsInExport, type Hit, type Place, type Secret } from "./hygiene";
import { sandboxFolder } from "../../cli/core/sandbox-process";
import { untilGone } from "./leftovers";
import { readTree, Sampler } from "./sampler";
import { TestStack } from "./stack";

/** What a whole life of a stack left open to see. */
export interface HygieneReport {
  secrets: Secret[];
  places: Place[];
  hits: Hit[];
  /** How often processes and temporary files were looked at while it ran. */
  looks: number;
}

/** Parts of lists that the engine seals as a whole, because one of them is secret; they stand in the program in clear. */
const PUBLIC = [
  /^(?:POSTGRES_USER|POSTGRES_DB|SITE_URL|HOST|PORT|HTTPS_ENABLED|TELEMETRY_ENABLED|ANNOUNCEMENTS_ENABLED)=/,
  /^\/usr\/local\/etc\/redis\/redis\.conf$/,
];

/** What a place is one of: `file state/.pulumi/history`, or the command of an output. */
export function kindOfPlace(name: string): string {
  // A file right below a folder counts with its neighbours.
  if (name.startsWith("file ")) return name.split("/").slice(0, -1).slice(0, 3).join("/");
  return name.replace(/\d+ temporary/, "temporary").replace(/container \S+/, "a container");
}

type Target = "sandbox" | "docker";

/**
 * Takes a stack through its life, failures included, and searches everything that it left or printed for every secret
 * that the engine knew of it, the literals of its blueprint, and what was configured.
 */
export async function hygieneRun(target: Target): Promise<HygieneReport> {
  const stack = await TestStack.open({ target, env: target === "sandbox" ? { SANDBOX_FAULTS: "1" } : {} });
  const temporary = join(stack.backend.folder, "tmp");
  mkdirSync(temporary);
  stack.workspace.env.TMPDIR = temporary;
  const sampler = new Sampler(temporary);
  sampler.start();
  try {
    const secrets = await live(stack, target);
    await sampler.stop();
    const places = [
      ...stack.transcripts.map(({ run, text }) => ({ name: `output of ${run}`, content: Buffer.from(text) })),
      ...filesOf(stack),
      { name: "process list", content: sampler.processes },
      { name: `${sampler.temporaryFileCount} temporary files`, content: sampler.temporaryFiles },
    ];
    return { secrets, places, hits: findSecrets(secrets, places), looks: sampler.looks };
  } finally {
    await sampler.stop();
    await stack.dispose();
  }
}

/** Up, looks, a change, failures, and the end; what containers and sandbox logged is kept as if it had been printed. */
async function live(stack: TestStack, target: Target): Promise<Secret[]> {
  const configured = `sk-"quoted"/${randomBytes(12).toString("base64")}+&ü`;
  const literals = ["first", "second"].map((word) => `literal ${word} ${randomBytes(8).toString("hex")}`);
  const own: Secret[] = [{ name: "config OPENAI_API_KEY", value: configured }];
  for (const literal of literals) own.push({ name: "a literal of the blueprint", value: literal });
  await stack.configureSecret("OPENAI_API_KEY", configured);
  stack.editBlueprint(["gpt-4o-mini", `"${literals[0]}"`]);

  await stack.must(["preview"]);
  await stack.must(["preview", "--diff"]);
  await stack.must(["preview", "--json"]);
  await stack.up();
  await stack.must(["config"]);
  await stack.must(["stack", "output"]);
  own.push(...(await secretsOf(stack)));

  stack.editBlueprint([`${literals[0]}`, `${literals[1]}`]);
  await stack.must(["preview", "--diff"]);
  await stack.must(["preview", "--json"]);
  await fail(stack, target);
  await stack.up("--diff");
  await stack.refresh("--diff");
  await stack.must(["stack", "export"]);
  own.push(...(await secretsOf(stack)));
  await keepLogs(stack, target);
  await stack.must(["destroy", "--yes"]);
  return distinct(own);
}

/** Runs that fail, for their error texts. What they broke is mended. */
async function fail(stack: TestStack, target: Target): Promise<void> {
  stack.configure({ "server.bogus": "1" });
  await mustFail(stack, ["preview"]);
  stack.configure({ "server.bogus": undefined });
  if (target === "docker") {
    const engine = new Docker();
    const filters = { label: [`${STACK_LABEL}=${stack.name}`, "infisical-pulumi.role=infisical"] };
    for (const { Id } of await engine.listContainers({ filters }))
      await engine.getContainer(Id).remove({ force: true });
    await mustFail(stack, ["refresh", "--yes", "--skip-preview"]);
  } else {
    const fault = { method: "PATCH", path: "secrets/batch", kind: "status", status: 400 };
    await fetch(`${stack.url}/__sandbox/faults`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(fault),
    });
    await mustFail(stack, ["up", "--yes", "--skip-preview", "--diff"]);
    const pid = stack.sandboxPid();
    process.kill(pid, "SIGKILL");
    await untilGone(pid);
    await mustFail(stack, ["refresh", "--yes", "--skip-preview", "--diff"]);
  }
  await stack.bringUp();
}

async function mustFail(stack: TestStack, args: string[]): Promise<void> {
  const { code, stdout } = await stack.run(args);
  if (code === 0) throw new Error(`pulumi ${args.join(" ")} was meant to fail:\n${stdout}`);
}

async function secretsOf(stack: TestStack): Promise<Secret[]> {
  const { stdout } = await askPulumi(stack.workspace, ["stack", "export", "--show-secrets"]);
  const isPublic = ({ value }: Secret): boolean => PUBLIC.some((pattern) => pattern.test(value));
  return secretsInExport(JSON.parse(stdout)).filter((secret) => !isPublic(secret));
}

async function keepLogs(stack: TestStack, target: Target): Promise<void> {
  if (target === "sandbox") {
    const text = readFileSync(join(sandboxFolder(stack.name), "sandbox.log"), "utf8");
    stack.transcripts.push({ run: "the sandbox (its log)", text });
    return;
  }
  const engine = new Docker();
  const filters = { label: [`${STACK_LABEL}=${stack.name}`] };
  for (const { Id, Names } of await engine.listContainers({ all: true, filters })) {
    const log = await engine.getContainer(Id).logs({ stdout: true, stderr: true });
    stack.transcripts.push({ run: `container ${Names[0] ?? Id} (its log)`, text: log.toString("utf8") });
  }
}

/** State, its backups, history and locks, logs of the CLI, and the stack file. */
function filesOf(stack: TestStack): Place[] {
  const { folder } = stack.backend;
  return ["state", "home", "stacks"].flatMap((part) =>
    readTree(join(folder, part)).map(([file, content]) => ({ name: `file ${relative(folder, file)}`, content })),
  );
}
