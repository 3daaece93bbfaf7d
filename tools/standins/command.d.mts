import type { Properties, StandIn } from "./provider.mjs";

export const FOLLOWS: string;
export interface CommandStandIn extends StandIn {
  update(id: string, urn: string, state: Properties, inputs: Properties): Promise<{ outs: Properties }>;
  delete(id: string, urn: string, state: Properties): Promise<void>;
}
export function commandProvider(reportFor: (urn: string) => (line: string) => void): CommandStandIn;
