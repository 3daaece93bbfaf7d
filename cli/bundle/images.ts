import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type Docker from "dockerode";
import { dockerEngine } from "../../infra/docker-engine";
import { STAND_IN_LABEL } from "../../infra/labels";
import { settingsSchema } from "../../infra/settings-schema";
import { settingIn } from "../core/stack-file";
import { missing, type Part } from "./part";

/** An image as the lock file names it; the id is the digest of its configuration, and so of all that is in it. */
export interface LockedImage {
  name: string;
  id: string;
  digests: string[];
  standIn: boolean;
}

const SETTINGS = ["image.postgres", "image.redis", "image.infisical", "image.mirror"] as const;

/** Names of the images that a stack uses. */
export function imagesOf(stackFile: string): string[] {
  const given = SETTINGS.map((key) => [key, settingIn(stackFile, key)]).filter(([, value]) => value !== undefined);
  const settings = settingsSchema.parse(Object.fromEntries(given));
  const mirror = settings["image.mirror"];
  return [settings["image.postgres"], settings["image.redis"], settings["image.infisical"]].map((name) =>
    mirror === undefined ? name : `${mirror}/${name}`,
  );
}

/** The images, as far as this machine's Docker has or gets them. All that are there are saved into one file. */
export async function imageParts(names: string[], locked: LockedImage[]): Promise<Part[]> {
  const engine = dockerEngine(process.env.DOCKER_HOST);
  try {
    await engine.ping();
  } catch {
    const reason = "Docker is not reached here. Start it, or save the images elsewhere by `docker save`";
    return names.map((name) => missing(`image ${name}`, reason));
  }
  const parts: Part[] = [];
  for (const name of names) parts.push(await imagePart(engine, name, locked));
  if (locked.length === 0) return parts;
  const save = (folder: string) => saveAll(engine, locked, join(folder, "images.tar"));
  return [...parts, { name: "images, in one file", state: "real", detail: `${locked.length} images`, gather: save }];
}

async function imagePart(engine: Docker, name: string, locked: LockedImage[]): Promise<Part> {
  if (!(await has(engine, name))) {
    const refusal = await pull(engine, name);
    if (refusal !== undefined) {
      return missing(
        `image ${name}`,
        `not on this Docker, and no registry gives it (${refusal}). docker pull it first`,
      );
    }
  }
  const { Id, RepoDigests, Config } = await engine.getImage(name).inspect();
  const standIn = STAND_IN_LABEL in (Config.Labels ?? {});
  locked.push({ name, id: Id, digests: RepoDigests ?? [], standIn });
  const title = Config.Labels?.["org.opencontainers.image.description"] ?? "made here";
  return standIn
    ? { name: `image ${name}`, state: "stand-in", detail: `${Id.slice(7, 19)}: ${title}` }
    : { name: `image ${name}`, state: "real", detail: RepoDigests?.[0] ?? Id };
}

function has(engine: Docker, name: string): Promise<boolean> {
  return engine
    .getImage(name)
    .inspect()
    .then(
      () => true,
      () => false,
    );
}

/** @returns why not. */
async function pull(engine: Docker, name: string): Promise<string | undefined> {
  try {
    const stream = await engine.pull(name);
    await new Promise<void>((resolve, reject) =>
      engine.modem.followProgress(stream, (error: Error | null) => (error === null ? resolve() : reject(error))),
    );
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message.split("\n")[0] : String(thrown);
  }
}

/** Together, so that what they share is there once. */
async function saveAll(engine: Docker, images: LockedImage[], file: string): Promise<void> {
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) =>
    engine.modem.dial(
      {
        path: "/images/get?",
        method: "GET",
        options: { _query: { names: images.map(({ name }) => name) } },
        isStream: true,
        statusCodes: { 200: true, 404: "no such image", 500: "server error" },
      },
      (error: unknown, result: unknown) =>
        error
          ? reject(error instanceof Error ? error : new Error(String(error)))
          : resolve(result as NodeJS.ReadableStream),
    ),
  );
  await pipeline(stream, createWriteStream(file));
}
