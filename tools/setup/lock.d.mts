export function withLock<T>(folder: string, work: () => Promise<T> | T, silence?: number): Promise<T>;
