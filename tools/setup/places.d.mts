export interface Places {
  readonly root: string;
  readonly local: string;
  readonly bin: string;
  readonly standIns: string;
  readonly build: string;
  readonly downloads: string;
  readonly distribution: string;
  readonly goEnvironment: string;
  readonly venv: string;
  readonly logs: string;
  readonly state: string;
  readonly passphrase: string;
  readonly lock: string;
  readonly record: string;
}
export function placesOf(root: string): Places;
export const places: Places;
