import { describe, expect, it } from "vitest";
import type { RunRecord } from "../../../cli/core/run-record";
import { timelineOf } from "../../../cli/core/timeline";
import type { Verdict } from "../../../cli/core/verdicts";
import { accessTables } from "../../../cli/report/access-table";
import { builtFrom } from "../../../cli/report/built";
import { credentialsIn, durationOf } from "../../../cli/report/credentials";
import { html } from "../../../cli/report/html";
import { pageOf, type Report } from "../../../cli/report/page";
import { layOut } from "../../../cli/report/picture-layout";
import { after, dockerStack, dynamic, STARTED } from "../../support/report-sample";

const RUN: RunRecord = { started: STARTED, ended: after(30), finished: true, phases: [], standIns: [] };

function report(changes: Partial<Report> = {}): Report {
  const resources = dockerStack();
  return {
    stack: "dev",
    madeAt: after(90_000),
    resources: resources.length,
    built: builtFrom(resources),
    run: RUN,
    spans: timelineOf(resources, RUN),
    asked: { reason: "the server is away" },
    credentials: credentialsIn(resources, new Date(after(90_000))),
    ...changes,
  };
}

function verdict(changes: Partial<Verdict>): Verdict {
  const place = { project: "my-rag", environment: "dev", path: "/rag", key: "API_KEY" };
  const cell = { id: 0, identity: "reader", action: "read", ...place, expected: "allowed" } as const;
  return { ...cell, sdk: "node", seen: "allowed", detail: "", ...changes };
}

describe("what was built", () => {
  const built = builtFrom(dockerStack());

  it("is the server with its containers, image, port, volume and memory", () => {
    expect(built.server).toEqual({
      kind: "docker",
      network: "infisical-dev-network-abc",
      durable: true,
      containers: [
        {
          role: "postgres",
          name: "infisical-dev-postgres-abc",
          image: "postgres:15-alpine",
          published: undefined,
          volume: "infisical-dev-postgres-data-abc",
          memory: 512,
        },
        {
          role: "infisical",
          name: "infisical-dev-infisical-abc",
          image: "infisical/infisical:v0.159.22",
          published: "127.0.0.1:8080",
          volume: undefined,
          memory: 2048,
        },
      ],
    });
  });

  it("is the projects with their folders and the names of their keys", () => {
    expect(built.projects).toEqual([
      {
        id: "p1",
        slug: "my-rag",
        environments: [
          {
            slug: "dev",
            name: "Development",
            folders: [
              { path: "/rag", keys: ["API_KEY", "MODEL"] },
              { path: "/rag/deep", keys: [] },
            ],
          },
          { slug: "prod", name: "Live", folders: [] },
        ],
      },
    ]);
  });

  it("is what each identity was granted, in the words of a blueprint", () => {
    const place = { project: "my-rag", environment: "dev", until: undefined };
    expect(built.identities.map(({ name, grants }) => [name, grants])).toEqual([
      ["reader", [{ ...place, path: "/rag", actions: ["read"] }]],
      ["writer", [{ ...place, path: "/rag/**", actions: ["read", "write"] }]],
    ]);
  });

  it("is the sandbox, or somebody else's server, where there are no containers", () => {
    const sandbox = dynamic("SandboxServer", "s", { inputs: { port: 8090, dataFolder: ".local/sandbox/x" } });
    expect(builtFrom([sandbox]).server).toEqual({ kind: "sandbox", port: 8090, folder: ".local/sandbox/x" });
    expect(builtFrom([]).server).toEqual({ kind: "external" });
  });
});

describe("the picture", () => {
  it("has a line for every folder that a grant opens, subfolders of /** included", () => {
    const { lines } = layOut(builtFrom(dockerStack()), 100);
    expect(lines.map(({ grant }) => grant.path).sort()).toEqual(["/rag", "/rag/**", "/rag/**"]);
  });

  it("lets nothing lie on something else", () => {
    const { projects, identities, height } = layOut(builtFrom(dockerStack()), 100);
    for (const column of [projects, identities, ...projects.map(({ bands }) => bands)]) {
      for (const [index, box] of column.entries()) {
        const next = column[index + 1];
        if (next !== undefined) expect(box.y + box.height).toBeLessThanOrEqual(next.y);
        expect(box.y + box.height).toBeLessThanOrEqual(height);
      }
    }
  });
});

describe("the timeline", () => {
  const spans = timelineOf(dockerStack(), RUN);
  const named = (name: string) => spans.find((span) => span.name === name);

  it("begins a phase when everything that it waits for was done", () => {
    expect(named("Pulumi and the program start")).toMatchObject({ from: 0, to: 1 });
    expect(named("containers")).toMatchObject({ from: 2, to: 8 });
    expect(named("the server answers")).toMatchObject({ from: 8, to: 20 });
    expect(named("identities and access")).toMatchObject({ from: 22, to: 26 });
  });

  it("is empty when the run had nothing to do", () => {
    const later = { ...RUN, started: after(100), ended: after(120) };
    expect(timelineOf(dockerStack(), later)).toEqual([]);
  });

  it("tells what was changed from what was made", () => {
    const changed = dynamic("Secrets", "x", { created: after(-500), modified: after(5) });
    expect(timelineOf([changed], RUN).flatMap(({ marks }) => marks)).toMatchObject([{ act: "changed", at: 5 }]);
  });
});

describe("the ages of credentials", () => {
  it("are told in the largest unit that says it", () => {
    expect([0, 59, 60, 7_199, 7_200, 90_000, 864_000].map(durationOf)).toEqual([
      "0 seconds",
      "59 seconds",
      "1 minute",
      "1 hour",
      "2 hours",
      "1 day",
      "10 days",
    ]);
  });

  it("call for a rotation when rotateAfter or the lifetime is over, and not before", () => {
    const outputs = { identityId: "i1", generation: 1, createdAt: STARTED };
    const stateWith = (more: object, seconds: number) =>
      credentialsIn([dynamic("ClientSecret", "x", { outputs: { ...outputs, ...more } })], new Date(after(seconds)))[0]
        ?.state;
    expect(stateWith({ rotateAfter: 3_600 }, 3_599)).toBe("good");
    expect(stateWith({ rotateAfter: 3_600 }, 3_600)).toBe("due");
    expect(stateWith({ ttl: 60 }, 61)).toBe("due");
    expect(stateWith({}, 1e9)).toBe("good");
  });

  it("name one that is going, with its end", () => {
    const outputs = {
      identityId: "i1",
      generation: 2,
      createdAt: STARTED,
      retiring: [{ generation: 1, until: after(3_600) }],
    };
    const found = credentialsIn([dynamic("ClientSecret", "x", { outputs })], new Date(STARTED));
    expect(found.map(({ what, state, lives }) => [what, state, lives])).toEqual([
      ["client secret 2", "good", "never"],
      ["client secret 1", "retiring", "2027-03-01 11:00 UTC"],
    ]);
  });
});

describe("the table of who may do what", () => {
  it("says what was not as expected, by name", () => {
    const wrong = verdict({ path: "/", expected: "denied", seen: "allowed" });
    const { text } = accessTables({ verdicts: [verdict({}), wrong], notRun: ["Python SDK: none here"] });
    expect(text).toContain("reader (node SDK): read my-rag dev:/: expected denied, seen allowed");
    expect(text).toContain("Python SDK: none here");
  });

  it("says why nothing was asked", () => {
    expect(accessTables({ reason: "the server is away" }).text).toContain("Not asked: the server is away");
  });
});

describe("the page", () => {
  it("is one file: no script, nothing from anywhere", () => {
    const page = pageOf(report());
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/<script|<link|<img|\bsrc=|url\((?!#)|@import/);
  });

  it("shows text as text, whatever is in it", () => {
    expect(pageOf(report())).toContain("a &lt;b&gt;notice&lt;/b&gt;");
    expect(html`<p title="${`"'`}">${["<a>", html`<b>x</b>`]}${undefined}${0}</p>`.text).toBe(
      '<p title="&quot;&#39;">&lt;a&gt;<b>x</b>0</p>',
    );
  });

  it("holds nothing of what the state has sealed", () => {
    expect(pageOf(report())).not.toMatch(/v1:xyz|4dabf181/);
  });

  it("is made without an up, without projects and without answers, too", () => {
    const empty = { built: builtFrom([]), run: undefined, spans: [], credentials: [] };
    expect(pageOf(report(empty))).toContain("No <code>up</code> was noted");
  });
});
