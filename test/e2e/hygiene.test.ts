import { beforeAll, describe, expect, it } from "vitest";
import { describeOnDocker } from "../support/docker";
import { dockerObstacle } from "../support/engine";
import { findSecrets, formsOf, type Place } from "../support/hygiene";
import { hygieneRun, type HygieneReport } from "../support/hygiene-run";

type Target = "sandbox" | "docker";

/** The two lives go on side by side: each is looked for with its own secrets. */
const lives = new Map<Target, Promise<HygieneReport>>();

beforeAll(() => {
  const targets: Target[] = dockerObstacle() === undefined ? ["sandbox", "docker"] : ["sandbox"];
  for (const target of targets) {
    const life = hygieneRun(target);
    // Whoever waits for it hears of its failure.
    life.catch(() => {});
    lives.set(target, life);
  }
});

function holds(target: Target, ownSecrets: string[]): void {
  let report: HygieneReport;

  beforeAll(async () => {
    const life = lives.get(target);
    if (life === undefined) throw new Error(`nothing was run on ${target}`);
    report = await life;
    const { secrets, places, hits, looks } = report;
    console.log(
      `hygiene on ${target}: ${hits.length} of ${secrets.length} secrets x ${places.length} places, ${looks} looks`,
    );
  });

  it("knows the secrets of the run", () => {
    const names = report.secrets.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(ownSecrets.map((name) => expect.stringContaining(name))));
  });

  it("has looked at every kind of place", () => {
    const names = report.places.map(({ name }) => name).join("\n");
    const kinds = [
      "preview --diff",
      "preview --json",
      "refresh",
      "destroy",
      "stack export",
      "its log",
      "/history/",
      "/backups/",
    ];
    for (const kind of [...kinds, ".json.bak", "file stacks/", "process list", "temporary files"]) {
      expect(names).toContain(kind);
    }
    expect(report.looks).toBeGreaterThan(10);
  });

  it("finds none of them in clear, nor in a form that anybody reads back", () => {
    expect(report.hits).toEqual([]);
  });

  it("would have found each of them, in every form", () => {
    const missed = report.secrets.flatMap((secret) =>
      formsOf(secret.value).flatMap(({ name, text }) => {
        const planted: Place = { name: "planted", content: Buffer.from(`before ${text} after`) };
        return findSecrets([secret], [planted]).length > 0 ? [] : [`${secret.name} (${name})`];
      }),
    );
    expect(missed).toEqual([]);
  });
}

describe("the life of a stack on the sandbox", () => {
  holds("sandbox", [
    "config OPENAI_API_KEY",
    "a literal of the blueprint",
    "adminPassword",
    "clientSecret",
    "encryption-key",
    "auth-secret",
    "administrator.outputs.clientSecret",
  ]);
});

describeOnDocker("the life of a stack on Docker", () => {
  holds("docker", [
    "config OPENAI_API_KEY",
    "adminPassword",
    "clientSecret",
    "encryption-key",
    "postgres-password",
    "redis-password",
    "administrator.outputs.clientSecret",
  ]);
});
