import { execFile } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";
import { opened, resourcesIn, type Deployment } from "../deployment";
import { Failure } from "../failure";
import { ROOT } from "../places";

/** Names and hashes of the secrets that an application reads. */
export const proofSchema = z.array(z.object({ key: z.string(), sha256: z.string() }));
export type Proof = z.output<typeof proofSchema>;

/** Who reads what, where. */
export interface Application {
  url: string;
  clientId: string;
  clientSecret: string;
  projectId: string;
  environment: string;
  path: string;
}

const outputs = z.object({
  url: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
  projectId: z.string(),
  environment: z.string(),
  secretPath: z.string(),
});

/** The application that a stack's outputs tell of; nothing when its blueprint has none. */
export function applicationIn(state: Deployment): Application | undefined {
  const stack = resourcesIn(state).find(({ type }) => type === "pulumi:pulumi:Stack");
  const clear = Object.entries(stack?.outputs ?? {}).map(([name, value]) => [name, opened(value)]);
  const parsed = outputs.safeParse(Object.fromEntries(clear));
  if (!parsed.success) return undefined;
  const { secretPath, ...application } = parsed.data;
  // A grant may cover a whole tree.
  return { ...application, path: secretPath.replace(/\/\*\*$/, "") || "/" };
}

/** Reads an application's secrets with the official SDK. @throws Failure when it cannot. */
export function readAs(application: Application): Promise<Proof> {
  const request = { ...application, sdk: join(ROOT, "examples", "node", "package.json") };
  const probe = join(ROOT, "cli", "probes", "read-secrets.mjs");
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [probe], { timeout: 120_000 }, (error, stdout, stderr) => {
      if (error === null) return resolve(proofSchema.parse(JSON.parse(stdout)));
      const said = stderr.split("\n").find((line) => /error/i.test(line)) ?? `exit code ${error.code}`;
      reject(new Failure(`the application could not read its secrets at ${application.url}: ${said.trim()}`));
    });
    child.stdin?.end(JSON.stringify(request));
  });
}

/** What of the expected is not there, or is another value. */
export function missingFrom(seen: Proof, expected: Proof): string[] {
  const found = new Map(seen.map(({ key, sha256 }) => [key, sha256]));
  return expected.filter(({ key, sha256 }) => found.get(key) !== sha256).map(({ key }) => key);
}
