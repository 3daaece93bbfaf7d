import { settingOf } from "../settings";
import type { Finding, Patient } from "./patient";

/** Older engines are not seen to work with the program. */
const OLDEST = 20;

/** Docker's reach and version. */
export async function checkDocker({ workspace, target, engine }: Patient): Promise<Finding[]> {
  if (target !== "docker") return [];
  const check = "docker";
  if (engine === undefined) {
    const host = settingOf(workspace, "server.dockerHost") ?? process.env.DOCKER_HOST ?? "the local socket";
    const remedy = "start Docker, or set infisical:server.dockerHost; npm run sandbox needs none";
    return [{ check, status: "bad", seen: `not reached at ${host}`, remedy }];
  }
  const { Version, ApiVersion } = await engine.version();
  const seen = `version ${Version}, API ${ApiVersion}`;
  if (Number(Version.split(".")[0]) >= OLDEST) return [{ check, status: "ok", seen }];
  return [{ check, status: "warn", seen, remedy: `install Docker ${OLDEST}.10 or newer` }];
}
