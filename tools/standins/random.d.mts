import type { Properties, StandIn } from "./provider.mjs";

export const FOLLOWS: string;
export function randomText(inputs: Properties): string;
export const provider: StandIn;
