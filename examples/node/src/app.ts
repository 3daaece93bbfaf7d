/**
 * Reads the four secrets of the RAG application and prints them masked; then shows that nothing else may be read.
 *
 *     npm start                 for people
 *     npm start -s -- --json    one JSON line
 *
 * Exit codes: 0 all read and the rest refused, 1 an error (one message on stderr), 2 wrong usage,
 * 3 the identity may read more than it should.
 */
import { AccessDeniedError, SecretNotFoundError, SecretsError } from "./errors.js";
import { SecretsClient, mask } from "./secrets.js";

const KEYS = ["OPENAI_API_KEY", "OPENAI_EMBED_MODEL", "OPENAI_LLM_MODEL", "QDRANT_URL"] as const;

/**
 * Whether a read outside the application's folder is refused. It reads one name: a list would prove nothing, because of a
 * forbidden folder it is empty with status 200. The server checks the right before it looks for the name, so "not found"
 * means that the read itself was allowed.
 */
async function rootIsRefused(client: SecretsClient): Promise<boolean> {
  try {
    await client.get(KEYS[0], { path: "/" });
    return false;
  } catch (error) {
    if (error instanceof AccessDeniedError) return true;
    if (error instanceof SecretNotFoundError) return false;
    throw error;
  }
}

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== "--json");
  if (unknown !== undefined) {
    console.error(`error: unknown argument '${unknown}'. Usage: npm start [-- --json]`);
    return 2;
  }
  const client = new SecretsClient();
  const masked: Record<string, string> = {};
  for (const key of KEYS) masked[key] = mask(await client.get(key));
  const denied = await rootIsRefused(client);
  await client.close();
  const read = Object.keys(masked).length;
  if (args.includes("--json")) {
    console.log(JSON.stringify({ read, masked, denied }));
  } else {
    for (const [key, shown] of Object.entries(masked)) console.log(`${key.padEnd(20)} ${shown}`);
    const { environment, path } = client.settings;
    const verdict = denied ? "refused" : "ALLOWED";
    console.log(`read ${read} of ${KEYS.length} from ${environment}:${path}; a read of / was ${verdict}`);
  }
  return denied ? 0 : 3;
}

// process.exit: a request that the SDK still repeats in the background would keep the process for seconds.
main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (!(error instanceof SecretsError)) throw error;
    console.error(`error: ${error.message}`);
    process.exit(1);
  },
);
