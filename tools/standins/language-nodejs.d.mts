export interface RunRequest {
  readonly project: string;
  readonly stack: string;
  readonly organization: string;
  readonly monitorAddress: string;
  readonly parallel: number;
  readonly dryrun: boolean;
  readonly pwd: string;
  readonly program: string;
  readonly argsList: readonly string[];
  readonly configMap: readonly (readonly [string, string])[];
  readonly configsecretkeysList: readonly string[];
  readonly info?: { readonly rootDirectory: string; readonly programDirectory: string; readonly entryPoint: string };
}
export function runnerArguments(request: RunRequest, engineAddress: string): string[];
export function runnerEnvironment(
  request: RunRequest,
  options: { typescript?: boolean; tsconfig?: string },
): Record<string, string>;
export interface RunPluginRequest {
  readonly argsList: readonly string[];
  readonly info: { readonly programDirectory: string };
}
export function policyPackCommand(request: RunPluginRequest, options: { nodeargs?: string }): string[];
