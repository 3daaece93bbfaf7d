import type * as pulumi from "@pulumi/pulumi";
import { External } from "./components/external";
import { InfisicalServer } from "./components/infisical-server";
import { Sandbox } from "./components/sandbox";
import type { Server } from "./components/server";
import { Workspace } from "./components/workspace";
import { loadSettings, type Settings } from "./config";
import { organizationOf } from "./external-account";
import { noticesFor, outputsOf } from "./outputs";
import { preflight } from "./preflight";
import { shortenUncaughtErrors } from "./uncaught";

shortenUncaughtErrors();

/** Configuration -> server -> workspace -> outputs. */
export = async function main(): Promise<pulumi.Inputs> {
  const settings = loadSettings();
  const seen = await preflight(settings);
  const server = await serverOf(settings);
  const workspace = new Workspace("workspace", settings, server);
  const notices = noticesFor(settings, workspace).apply((own) => [...seen, ...own]);
  return { ...outputsOf(settings, server, workspace), notices };
};

async function serverOf(settings: Settings): Promise<Server> {
  switch (settings.target) {
    case "docker":
      return new InfisicalServer("server", settings);
    case "sandbox":
      return new Sandbox("sandbox", settings);
    case "external":
      return new External("external", settings, await organizationOf(settings));
  }
}
