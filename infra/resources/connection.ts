import type * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../api/session";

/** How a resource reaches the server, as an input; the client secret is secret under its own name. */
export type ConnectionInput = { [Name in keyof Connection]: pulumi.Input<Connection[Name]> };

/** What to do about an object of that name that exists already. */
export type Adoption = "create" | "adopt" | "createOrAdopt";

/** What to do with the object when its resource goes. */
export type Deletion = "delete" | "keep";
