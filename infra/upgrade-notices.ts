import * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";
import type { Settings } from "./config";
import { containerWith } from "./docker-engine";
import { postgresMajor, repositoryOf, tagOf } from "./image-tag";
import { breakersBetween, told } from "./known-breakers";
import { labelsOf } from "./labels";

/**
 * What changes with the images that the configuration names, against those that run now.
 * @returns a line for each known breaker on the way.
 * @throws pulumi.RunError when Postgres would be of another major version than the data.
 */
export async function upgradeNotices(engine: Docker, settings: Settings): Promise<string[]> {
  await refuseOtherPostgres(engine, settings);
  const running = await runningTag(engine, settings);
  const wanted = tagOf(settings["image.infisical"]);
  if (running === undefined || running === wanted) return [];
  const upgrade = `${running} to ${wanted}`;
  const known = breakersBetween(running, wanted).map((breaker) => `${upgrade}: ${told(breaker)}`);
  return [`${upgrade}: npm run upgrade -- --to ${wanted} backs up and rehearses first`, ...known];
}

async function refuseOtherPostgres(engine: Docker, settings: Settings): Promise<void> {
  const container = await containerOf(engine, settings, "postgres");
  const env = (await container?.inspect().catch(() => undefined))?.Config.Env ?? [];
  const data = Number(env.find((line) => line.startsWith("PG_MAJOR="))?.slice("PG_MAJOR=".length));
  const wanted = postgresMajor(settings["image.postgres"]);
  if (!Number.isInteger(data) || data === 0 || wanted === undefined || wanted === data) return;
  throw new pulumi.RunError(
    `infisical:image.postgres: ${settings["image.postgres"]} is Postgres ${wanted}, and the data is of Postgres ${data}, which it ` +
      "cannot read. The way over: npm run backup, npm run down, set the image, npm run restore (docs/upgrade.md).",
  );
}

async function runningTag(engine: Docker, settings: Settings): Promise<string | undefined> {
  const image = (await (await containerOf(engine, settings, "infisical"))?.inspect().catch(() => undefined))?.Image;
  if (image === undefined) return undefined;
  const tags =
    (
      await engine
        .getImage(image)
        .inspect()
        .catch(() => undefined)
    )?.RepoTags ?? [];
  const name = repositoryOf(settings["image.infisical"]);
  // One image may have many tags: that of the configuration is meant when it is among them.
  const ours = tags.filter((tag) => tag.startsWith(`${name}:`) || tag.includes(`/${name}:`)).map(tagOf);
  return ours.includes(tagOf(settings["image.infisical"])) ? tagOf(settings["image.infisical"]) : ours[0];
}

function containerOf(
  engine: Docker,
  { project, stack }: Settings,
  role: string,
): Promise<Docker.Container | undefined> {
  return containerWith(engine, labelsOf(stack, role, project));
}
