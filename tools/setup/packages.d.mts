export function arePackagesReady(folder: string): boolean;
export function ensurePackages(folder: string, name: string, logs: string): Promise<void>;
