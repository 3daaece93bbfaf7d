// One set-up at a time per project: a folder, because making one is atomic everywhere, with the owner's pid in it.
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { say } from "./progress.mjs";

const POLL = 250;
const HEARTBEAT = 2000;
/** A live owner touches its lock every two seconds; this long without it means that the pid is now somebody else's. */
const SILENCE = 30_000;
/** How long the programs of a killed set-up are waited for; they are not ended, because a pid may be somebody else's by now. */
const PATIENCE = 600_000;
const CHILD = "child-";
let held;

function claim(folder) {
  mkdirSync(dirname(folder), { recursive: true });
  try {
    mkdirSync(folder);
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
  writeFileSync(join(folder, "pid"), String(process.pid));
  return true;
}

function ownerOf(folder) {
  try {
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined; // just made, or just gone
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

const touched = (folder) => statSync(folder, { throwIfNoEntry: false })?.mtimeMs;

/** Notes a program that the owner has started, so that whoever takes the lock over does not work beside it. */
export function trackChild(child) {
  if (held === undefined || child.pid === undefined) return;
  const note = join(held, `${CHILD}${child.pid}`);
  writeFileSync(note, "");
  child.once("close", () => rmSync(note, { force: true }));
}

function childrenOf(folder) {
  try {
    const notes = readdirSync(folder).filter((file) => file.startsWith(CHILD));
    return notes.map((file) => Number(file.slice(CHILD.length))).filter(isAlive);
  } catch {
    return []; // the lock is gone
  }
}

/** A killed set-up does not take its programs along: npm, started a second time beside itself, would spoil the packages. */
async function waitForChildren(folder) {
  const until = Date.now() + PATIENCE;
  const children = childrenOf(folder);
  if (children.length > 0) say(`a killed set-up left work running (pid ${children.join(", ")}); waiting for it to end`);
  while (childrenOf(folder).length > 0 && Date.now() < until) await delay(POLL);
}

/** Renamed first, so that of two that find the same stale lock only one removes it. */
function removeStale(folder) {
  const aside = `${folder}.stale-${process.pid}`;
  try {
    renameSync(folder, aside);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return;
  }
  rmSync(aside, { recursive: true, force: true });
}

async function acquire(folder, silence) {
  let seen = touched(folder);
  let since = Date.now();
  let told = false;
  while (!claim(folder)) {
    const pid = ownerOf(folder);
    const now = touched(folder);
    if (now !== seen) {
      seen = now;
      since = Date.now();
    }
    const silent = Date.now() - since > silence;
    if ((pid !== undefined && !isAlive(pid)) || silent) {
      await waitForChildren(folder);
      removeStale(folder);
      continue;
    }
    if (!told) say(`another set-up (pid ${pid ?? "unknown"}) is at work here; waiting for it`);
    told = true;
    await delay(POLL);
  }
}

/**
 * Does `work` while no other set-up does.
 * @param folder the lock; its parent is made when missing
 * @param silence milliseconds without a sign of life after which an owner counts as gone
 */
export async function withLock(folder, work, silence = SILENCE) {
  await acquire(folder, silence);
  held = folder;
  const heartbeat = setInterval(() => utimesSync(folder, new Date(), new Date()), HEARTBEAT);
  const release = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.removeListener("exit", release);
    held = undefined;
    release();
  }
}
