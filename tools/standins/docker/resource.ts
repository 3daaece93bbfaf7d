import type Docker from "dockerode";
import type { Fields, Values } from "./property.js";

/** What the provider says of an object: its id and its outputs. */
export interface Made {
  id: string;
  outputs: Values;
}

/** The object exists, but something after its creation failed: it is kept in state, with the reason. */
export class PartlyMade extends Error {
  constructor(
    readonly id: string,
    readonly outputs: Values,
    message: string,
  ) {
    super(message);
    this.name = "PartlyMade";
  }
}

/** One type of Docker object. Inputs arrive checked and with defaults; messages are those of the real provider. */
export interface ResourceKind {
  fields: Fields;
  /** Lists that only a read fills in: whether their absence replaces the object. */
  computedLists: Record<string, boolean>;
  /** Outputs that the engine decides; unknown in a preview of a create, unless the program gives them. */
  computedOutputs: string[];
  /** Always delete first when replacing (else only when the explicit name stays). */
  deleteBeforeReplace: boolean;
  create(docker: Docker, inputs: Values): Promise<Made>;
  /** Undefined when the object is gone. `outputs` is what the state holds, empty for an import. */
  read(docker: Docker, id: string, outputs: Values): Promise<Made | undefined>;
  update(docker: Docker, id: string, olds: Values, inputs: Values): Promise<Values>;
  remove(docker: Docker, id: string, outputs: Values): Promise<void>;
}
