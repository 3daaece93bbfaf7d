import type Docker from "dockerode";
import { describe, expect, it } from "vitest";
import type { Settings } from "../../../infra/config";
import { upgradeNotices } from "../../../infra/upgrade-notices";

/** An engine on which the stack's containers run, as far as the notices look at it. */
function engineWith(running: { infisical?: string; postgresMajor?: number }): Docker {
  const roles = { infisical: running.infisical !== undefined, postgres: running.postgresMajor !== undefined };
  return {
    listContainers: async ({ filters }: { filters: { label: string[] } }) => {
      const role = filters.label.find((label) => label.startsWith("infisical-pulumi.role="))?.split("=")[1];
      return role !== undefined && roles[role as keyof typeof roles] ? [{ Id: role }] : [];
    },
    getContainer: () => ({
      inspect: async () => ({ Image: "sha256:0", Config: { Env: [`PG_MAJOR=${running.postgresMajor}`] } }),
    }),
    getImage: () => ({ inspect: async () => ({ RepoTags: [running.infisical] }) }),
  } as unknown as Docker;
}

function settings(images: { infisical?: string; postgres?: string } = {}): Settings {
  return {
    project: "infisical",
    stack: "dev",
    "image.infisical": images.infisical ?? "infisical/infisical:v0.159.22",
    "image.postgres": images.postgres ?? "postgres:15-alpine",
  } as Settings;
}

const RUNNING = { infisical: "infisical/infisical:v0.159.22", postgresMajor: 15 };

describe("what a preview tells of an upgrade", () => {
  it("is nothing when the images stay as they are, or nothing runs yet", async () => {
    expect(await upgradeNotices(engineWith(RUNNING), settings())).toEqual([]);
    expect(await upgradeNotices(engineWith({}), settings({ infisical: "infisical/infisical:v9.0.0" }))).toEqual([]);
  });

  it("names the known breakers on the way, and the command that rehearses it", async () => {
    const notices = await upgradeNotices(engineWith(RUNNING), settings({ infisical: "infisical/infisical:v0.159.24" }));
    expect(notices).toEqual([
      expect.stringContaining("npm run upgrade -- --to v0.159.24"),
      expect.stringMatching(/since v0\.159\.24, .*bootstrap is refused/),
    ]);
  });

  it("refuses a Postgres that cannot read the data, and says the way over", async () => {
    await expect(upgradeNotices(engineWith(RUNNING), settings({ postgres: "postgres:16-alpine" }))).rejects.toThrow(
      /is Postgres 16, and the data is of Postgres 15.*npm run restore/s,
    );
  });
});
