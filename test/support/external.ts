import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BenchServer } from "../../cli/bench/server";
import { TestStack } from "./stack";

/** A server that exists already, and a stack that works in it: a second sandbox in the place of somebody's Infisical. */
export interface External {
  server: BenchServer;
  stack: TestStack;
  /** Writes the blueprint that the stack works with. */
  blueprint: (text: string) => void;
  /** Requests that changed something, since the last call. */
  writes: () => Promise<string[]>;
  close: () => Promise<void>;
}

export async function openExternal(): Promise<External> {
  const server = await BenchServer.start();
  try {
    const stack = await TestStack.open({
      target: "external",
      config: { "external.url": server.url, "external.clientId": server.connection.clientId },
    });
    await stack.configureSecret("external.clientSecret", server.connection.clientSecret);
    await server.requests();
    return {
      server,
      stack,
      blueprint: (text) => {
        const file = join(stack.backend.folder, "blueprint.yaml");
        writeFileSync(file, text);
        stack.configure({ blueprint: file });
      },
      writes: async () =>
        (await server.requests()).filter((request) => !request.startsWith("GET ") && !request.endsWith("/login")),
      close: async () => {
        try {
          await stack.dispose();
        } finally {
          await server.stop();
        }
      },
    };
  } catch (thrown) {
    await server.stop();
    throw thrown;
  }
}
