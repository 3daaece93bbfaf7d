/**
 * Reads the secrets of one folder as an application does, with the official Node SDK.
 *
 * Reads {url, clientId, clientSecret, sdk, projectId, environment, path} from stdin, writes [{key, sha256}] to stdout:
 * hashes are enough to compare with, and no value gets anywhere.
 */
import { createHash } from "node:crypto";
import { createRequire } from "node:module";

let text = "";
for await (const piece of process.stdin) text += piece;
const { url, clientId, clientSecret, sdk, projectId, environment, path } = JSON.parse(text);
const { InfisicalSDK } = createRequire(sdk)("@infisical/sdk");
const client = new InfisicalSDK({ siteUrl: url });
await client.auth().universalAuth.login({ clientId, clientSecret });
const { secrets } = await client
  .secrets()
  .listSecrets({ projectId, environment, secretPath: path, expandSecretReferences: false, viewSecretValue: true });
const hashes = secrets.map(({ secretKey, secretValue }) => ({
  key: secretKey,
  sha256: createHash("sha256").update(secretValue).digest("hex"),
}));
process.stdout.write(JSON.stringify(hashes), () => process.exit(0));
