import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../config";
import type { Account, Server } from "./server";

/** An Infisical that exists already: the Cloud, or somebody's host. Nothing of it is made here, and nothing goes with it. */
export class External extends pulumi.ComponentResource implements Server {
  readonly url: string;
  readonly account: Account;

  constructor(name: string, settings: Settings, organizationId: string, opts?: pulumi.ComponentResourceOptions) {
    super("infisical:index:External", name, {}, opts);
    const { url } = settings;
    const { clientId, clientSecret, token } = settings.account;
    const connection =
      token === undefined
        ? { url, clientId, clientSecret: pulumi.secret(clientSecret) }
        : { url, clientId: "", clientSecret: "", token: pulumi.secret(token) };
    this.url = url;
    this.account = { connection, organizationId };
    this.registerOutputs({ url });
  }
}
