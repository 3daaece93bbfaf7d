export interface Plan {
  readonly examples: boolean;
  readonly exampleTests: boolean;
  readonly pulumi: boolean;
  readonly standIns: "allowed" | "kept" | "refused";
  readonly pluginsRequired: boolean;
}
export interface Part {
  readonly version: string;
  readonly from: "installed" | "downloaded" | "built" | "npm" | "stand-in" | "missing";
  readonly path?: string;
}
export function planFor(command: string, env?: Readonly<Record<string, string | undefined>>): Plan;
export function mustHave(plan: Plan, parts: Readonly<Record<string, Part>>): boolean;
