export type Version = readonly [number, number, number];
export const PULUMI: { readonly version: string; readonly oldest: Version };
export const PLUGINS: Readonly<Record<"command" | "docker" | "random", string>>;
export const GO: { readonly oldest: Version; readonly package: string };
export const PYTHON: { readonly oldest: Version };
export function versionIn(text: string): Version | undefined;
export function atLeast(version: Version, oldest: Version): boolean;
