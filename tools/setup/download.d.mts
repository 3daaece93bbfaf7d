export interface DownloadOptions {
  readonly sha256?: string | undefined;
  readonly connect?: number;
  readonly onBytes?: (received: number, total: number) => void;
}
export function readText(url: string, connect?: number): Promise<string | undefined>;
export function download(url: string, file: string, options?: DownloadOptions): Promise<void>;
