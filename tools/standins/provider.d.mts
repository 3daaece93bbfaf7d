// The part of Pulumi's provider interface that the stand-ins implement.
export type Properties = Record<string, unknown>;
export interface StandIn {
  readonly version: string;
  readonly schema: string;
  check(
    urn: string,
    before: Properties,
    inputs: Properties,
  ): Promise<{
    inputs: Properties;
    failures: { property: string; reason: string }[];
  }>;
  diff(
    id: string,
    urn: string,
    state: Properties,
    inputs: Properties,
  ): Promise<{ changes: boolean; replaces: string[] }>;
  create(urn: string, inputs: Properties): Promise<{ id: string; outs: Properties }>;
}
