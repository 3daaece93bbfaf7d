import type * as pulumi from "@pulumi/pulumi";
import type { ConnectionInput } from "../resources/connection";

/** An Infisical API that answers, whatever serves it. Everything after it is the same program. */
export interface Server {
  /** Address, made of configuration only. */
  url: string;
  /** Done when the API answers: depend on it. Nothing: it answers already. */
  ready?: pulumi.Resource;
  /**
   * What holds the data. What lives in the server goes when this goes (`deletedWith`) and is made again when this is
   * another one (`replaceWith`). It is the volume and not the container: an upgrade replaces the container.
   * Nothing: the data is somebody else's, and everything is deleted one by one.
   */
  data?: pulumi.Resource;
  /** Who the program works as. Nothing: the server is new, and its administrator is made first. */
  account?: Account;
}

/** A machine identity that may make projects and identities in an organization. */
export interface Account {
  connection: ConnectionInput;
  organizationId: pulumi.Input<string>;
}
