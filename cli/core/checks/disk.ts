import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { LOCAL, ROOT } from "../places";
import type { Finding, Patient } from "./patient";

const GIGABYTE = 1024 ** 3;
/** Images are 1.5 GB, and Postgres stops when the disk is full. */
const [LEAST, COMFORTABLE] = [2, 5];

/** Free space where the project keeps its files, and where a Docker engine of this machine keeps its own. */
export async function checkDisk({ engine }: Patient): Promise<Finding[]> {
  const places = [{ what: "the project", folder: existsSync(LOCAL) ? LOCAL : ROOT }];
  const root = ((await engine?.info().catch(() => undefined)) as { DockerRootDir?: string } | undefined)?.DockerRootDir;
  // An engine on another machine names a folder that is not here.
  if (root !== undefined && existsSync(root)) places.push({ what: "Docker", folder: root });
  return Promise.all(places.map(({ what, folder }) => lookAt(what, folder)));
}

async function lookAt(what: string, folder: string): Promise<Finding> {
  const check = `disk of ${what}`;
  const { bavail, bsize } = await statfs(folder);
  const free = (bavail * bsize) / GIGABYTE;
  const seen = `${free.toFixed(1)} GB free in ${folder}`;
  if (free >= COMFORTABLE) return { check, status: "ok", seen };
  const remedy = "make room: docker image prune, older backups, npm run doctor -- --fix for old states";
  return { check, status: free < LEAST ? "bad" : "warn", seen, remedy };
}
