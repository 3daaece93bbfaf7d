type Environment = Readonly<Record<string, string | undefined>>;
interface BackendPlaces {
  readonly state: string;
  readonly passphrase: string;
}
export function ensurePassphrase(file: string): void;
export function backendNeeds(env: Environment, home: string): { state: boolean; passphrase: boolean };
export function isBackendReady(places: BackendPlaces, env: Environment, home: string): boolean;
export function ensureBackend(places: BackendPlaces, env: Environment, home: string): void;
