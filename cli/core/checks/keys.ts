import { fingerprintOf } from "../../../infra/key-fingerprint";
import { generatedValue } from "../deployment";
import { fingerprintBeside } from "../kept-fingerprint";
import type { Finding, Patient } from "./patient";

/** Whether the key in the state is the one that the data was written with. */
export async function checkKeys({ workspace, target, engine, opened }: Patient): Promise<Finding[]> {
  if (target === "external" || opened.deployment === undefined) return [];
  if (target === "docker" && engine === undefined) return [];
  const check = "key of the data";
  const key = generatedValue(opened.deployment, "-encryption-key");
  const beside = await fingerprintBeside(workspace.stack, engine);
  const ours = key === undefined ? undefined : fingerprintOf(key);
  if (ours === undefined && beside === undefined) return [{ check, status: "unknown", seen: "no key and no data yet" }];
  if (ours !== undefined && ours === beside)
    return [{ check, status: "ok", seen: `fingerprint ${ours}, beside the data, too` }];
  if (ours !== undefined && beside === undefined) {
    return [{ check, status: "unknown", seen: `fingerprint ${ours}; the data is from before fingerprints were kept` }];
  }
  const seen = `state ${ours ?? "has none"}, data ${beside}`;
  const remedy =
    "the data cannot be read with this key: find the state that belongs to it, or npm run restore -- <archive>";
  return [{ check, status: "bad", seen, remedy }];
}
