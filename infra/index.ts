import type * as pulumi from "@pulumi/pulumi";
import { InfisicalServer } from "./components/infisical-server";
import { Sandbox } from "./components/sandbox";
import { Workspace } from "./components/workspace";
import { loadSettings } from "./config";
import { noticesFor, outputsOf } from "./outputs";
import { preflight } from "./preflight";

/** Configuration -> server -> workspace -> outputs. */
export = async function main(): Promise<pulumi.Inputs> {
  const settings = loadSettings();
  const seen = await preflight(settings);
  const server =
    settings.target === "docker" ? new InfisicalServer("server", settings) : new Sandbox("sandbox", settings);
  const workspace = new Workspace("workspace", settings, server);
  return { ...outputsOf(settings, server, workspace), notices: [...seen, ...noticesFor(settings)] };
};
