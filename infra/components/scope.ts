import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../config";
import type { ConnectionInput } from "../resources/connection";

/** What everything inside a server is made with. */
export interface Scope {
  settings: Settings;
  connection: ConnectionInput;
  organizationId: pulumi.Input<string>;
  parent: pulumi.Resource;
  /** Options of all of them: the parent, and what they live and go with. */
  inServer: pulumi.CustomResourceOptions;
}

/** The options of something that comes after these resources, and goes before them. */
export function after(scope: Scope, resources: pulumi.Resource[]): pulumi.CustomResourceOptions {
  return pulumi.mergeOptions(scope.inServer, { dependsOn: resources });
}

export function mapValues<In, Out>(
  entries: { [key: string]: In },
  change: (key: string, value: In) => Out,
): { [key: string]: Out } {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, change(key, value)]));
}
