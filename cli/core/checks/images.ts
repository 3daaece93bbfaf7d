import type Docker from "dockerode";
import { STAND_IN_LABEL } from "../../../infra/labels";
import { settingOf } from "../settings";
import type { Finding, Patient } from "./patient";

/** Whether the images are on the Docker host, and are what their names say. */
export async function checkImages({ workspace, engine }: Patient): Promise<Finding[]> {
  if (engine === undefined) return [];
  const mirror = settingOf(workspace, "image.mirror");
  const names = (["image.infisical", "image.postgres", "image.redis"] as const).map((key) => settingOf(workspace, key));
  return Promise.all(names.map((name) => lookAt(engine, mirror === undefined ? name : `${mirror}/${name}`)));
}

async function lookAt(engine: Docker, name: string): Promise<Finding> {
  const check = `image ${name}`;
  const image = await engine
    .getImage(name)
    .inspect()
    .catch(() => undefined);
  if (image === undefined) {
    const remedy =
      "`up` pulls it; where there is no registry, docker load it before (npm run bundle), or set image.mirror";
    return { check, status: "warn", seen: "not on the Docker host", remedy };
  }
  const id = image.Id.replace("sha256:", "").slice(0, 12);
  if (!(STAND_IN_LABEL in (image.Config.Labels ?? {}))) return { check, status: "ok", seen: id };
  const remedy = "for tests only; remove it (docker rmi) and let `up` pull the real one before real secrets go in";
  return { check, status: "warn", seen: `${id}, a stand-in and not the real image`, remedy };
}
