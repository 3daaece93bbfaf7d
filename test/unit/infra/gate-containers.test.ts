import type Docker from "dockerode";
import { describe, expect, it } from "vitest";
import { findFailure } from "../../../infra/gate/containers";

const SERVER = "a".repeat(64);
const POSTGRES = "b".repeat(64);

/** Docker's form of output without a terminal: a header of 8 bytes before each piece. */
function pieces(...texts: string[]): Buffer {
  return Buffer.concat(
    texts.map((text) => {
      const header = Buffer.alloc(8);
      header.writeUInt8(2, 0);
      header.writeUInt32BE(Buffer.byteLength(text), 4);
      return Buffer.concat([header, Buffer.from(text)]);
    }),
  );
}

function engine(containers: { [id: string]: { State: object; RestartCount?: number; log?: string } }): Docker {
  return {
    getContainer: (id: string) => ({
      inspect: async () => {
        const found = containers[id];
        if (found === undefined) throw new Error("no such container");
        return { Name: `/name-of-${id[0]}`, RestartCount: 0, ...found };
      },
      logs: async () => pieces("first line\n", containers[id]?.log ?? ""),
    }),
  } as unknown as Docker;
}

const RUNNING = { State: { Status: "running", ExitCode: 0 } };

describe("findFailure", () => {
  it("finds nothing while all run, start, or are restarted for the first time", async () => {
    const starting = { State: { Status: "running", Health: { Status: "starting" } }, RestartCount: 1 };
    expect(await findFailure(engine({ [SERVER]: RUNNING, [POSTGRES]: starting }), [SERVER, POSTGRES])).toBeUndefined();
  });

  it.each([
    [{ State: { Status: "exited", ExitCode: 1 } }, "state exited, exit code 1"],
    [
      {
        State: { Status: "created", ExitCode: 128, Error: "Bind for 127.0.0.1:8080 failed: port is already allocated" },
      },
      "it could not be started: Bind for 127.0.0.1:8080 failed: port is already allocated\ncause: the port is taken",
    ],
    [{ State: { Status: "running", ExitCode: 137, OOMKilled: true } }, "state running, exit code 137, OOMKilled"],
    [{ State: { Status: "restarting", ExitCode: 1 }, RestartCount: 3 }, "restarted 3 times, last exit code 1"],
    [{ State: { Status: "running", ExitCode: 0, Health: { Status: "unhealthy" } } }, "state running, unhealthy"],
  ])("finds %j", async (container, seen) => {
    const found = await findFailure(engine({ [SERVER]: RUNNING, [POSTGRES]: container }), [SERVER, POSTGRES]);
    expect(found?.container).toBe("name-of-b");
    expect(found?.story).toContain(`seen: `);
    expect(found?.story).toContain(seen);
  });

  it("tells the story with log lines, cause and remedy last, and no password", async () => {
    const log = "connecting to postgres://u:s3cret@h/d\npassword authentication failed for user\n";
    const dead = { State: { Status: "exited", ExitCode: 1 }, log };
    const { story = "" } = (await findFailure(engine({ [SERVER]: dead }), [SERVER])) ?? {};
    expect(story.split("\n")).toEqual([
      "its last lines:",
      "  | first line",
      "  | connecting to postgres://u:***@h/d",
      "  | password authentication failed for user",
      "seen: state exited, exit code 1",
      expect.stringMatching(/^cause: Postgres refuses the password/),
      expect.stringMatching(/^remedy: /),
    ]);
  });

  it("says of a container that was removed how to get it back", async () => {
    const found = await findFailure(engine({}), [SERVER]);
    expect(found).toEqual({ container: "aaaaaaaaaaaa", story: expect.stringMatching(/is gone\. Run `npm run up`/) });
  });
});
