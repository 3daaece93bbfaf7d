import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { PROJECT_ROOT, type Settings } from "../config";
import { SandboxServer } from "../resources/sandbox-server";
import { readinessGate } from "./gate";
import { generateServerKeys } from "./generated-keys";
import type { Server } from "./server";

/** Where a stack's sandbox keeps its data, from the project's folder. */
export function sandboxDataFolder(stack: string): string {
  return join(".local", "sandbox", stack);
}

/**
 * The sandbox, which is not Infisical: a small compatible API as a process of this machine, for trying things out where
 * there is no Docker. Never for real secrets.
 */
export class Sandbox extends pulumi.ComponentResource implements Server {
  readonly url: string;
  readonly ready: pulumi.Resource;
  readonly data: SandboxServer;

  constructor(name: string, settings: Settings, opts?: pulumi.ComponentResourceOptions) {
    super("infisical:index:Sandbox", name, {}, opts);
    this.url = settings.url;
    this.data = new SandboxServer(
      `${name}-server`,
      {
        port: settings["server.port"],
        root: PROJECT_ROOT,
        dataFolder: sandboxDataFolder(settings.stack),
        keys: generateServerKeys(name, { parent: this }),
        profile: settings["server.sandboxProfile"],
      },
      { parent: this },
    );
    const gate = {
      url: this.url,
      containers: [this.data.id],
      timeout: settings["server.readyTimeout"],
      dockerHost: undefined,
    };
    this.ready = readinessGate(`${name}-ready`, gate, { parent: this, dependsOn: [this.data] });
    this.registerOutputs({ url: this.url });
  }
}
