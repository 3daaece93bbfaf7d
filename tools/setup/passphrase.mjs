// The project's own passphrase and state folder, for people without a Pulumi backend of their own.
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ownBackend, ownPassphrase } from "../backend.mjs";

/**
 * Makes the passphrase file (mode 0600, 32 random bytes) unless it is there: it is never overwritten, because without it
 * the state's secrets are lost. A hard link either makes the whole file under its name or fails.
 */
export function ensurePassphrase(file) {
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, randomBytes(32).toString("base64url"), { mode: 0o600, flag: "w" });
  chmodSync(draft, 0o600);
  try {
    linkSync(draft, file);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * What the project has to provide on this machine.
 * @returns `state` and `passphrase`: false where the user's own is used
 */
export function backendNeeds(env, home) {
  const own = ownBackend(env, home) !== undefined;
  return { state: !own, passphrase: !own && ownPassphrase(env) === undefined };
}

/** True when there is nothing to make. */
export function isBackendReady(places, env, home) {
  const needs = backendNeeds(env, home);
  return (!needs.state || existsSync(places.state)) && (!needs.passphrase || existsSync(places.passphrase));
}

/** Makes the state folder (mode 0700) and the passphrase file where the project provides them. */
export function ensureBackend(places, env, home) {
  const needs = backendNeeds(env, home);
  if (needs.state) mkdirSync(places.state, { recursive: true, mode: 0o700 });
  if (needs.passphrase) ensurePassphrase(places.passphrase);
}
