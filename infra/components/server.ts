import type * as pulumi from "@pulumi/pulumi";

/** An Infisical API that answers, whatever serves it. Everything after it is the same program. */
export interface Server {
  /** Address, made of configuration only. */
  url: string;
  /** Done when the API answers: depend on it. */
  ready: pulumi.Resource;
  /**
   * What holds the data. What lives in the server goes when this goes (`deletedWith`) and is made again when this is
   * another one (`replaceWith`). It is the volume and not the container: an upgrade replaces the container.
   */
  data: pulumi.Resource;
}
