import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { inflateSync } from "node:zlib";

/** Where Debian, macOS and Google put it. */
const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The browser of this machine, or nothing. */
export function chromiumOnMachine(): string | undefined {
  return PLACES.find((path) => existsSync(path));
}

/** It speaks to nobody: no first-run page, no updates, no background connections. */
const QUIET = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--hide-scrollbars",
];

async function run(browser: string, ...options: string[]): Promise<string> {
  const profile = mkdtempSync(join(tmpdir(), "infisical-stack-chromium-"));
  try {
    const args = [...QUIET, `--user-data-dir=${profile}`, ...options];
    const { stdout } = await promisify(execFile)(browser, args, { timeout: 120_000, maxBuffer: 64 << 20 });
    return stdout;
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The page as the browser understood it. */
export function dumpedDom(browser: string, file: string): Promise<string> {
  return run(browser, "--dump-dom", `file://${file}`);
}

export interface Look {
  scheme: "light" | "dark";
  width: number;
  height: number;
}

/** Writes a picture of the page, as a reader with this setting sees it. */
export async function screenshot(browser: string, file: string, png: string, look: Look): Promise<void> {
  const scheme = look.scheme === "dark" ? 0 : 1;
  await run(
    browser,
    `--blink-settings=preferredColorScheme=${scheme}`,
    `--window-size=${look.width},${look.height}`,
    `--screenshot=${png}`,
    `file://${file}`,
  );
}

/** Width and height of a PNG, the colour of its first pixel, and how many bytes its picture takes unpacked and packed. */
export function pngFacts(file: string): { width: number; height: number; corner: number[]; packed: number } {
  const bytes = readFileSync(file);
  const data: Buffer[] = [];
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT") data.push(bytes.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const packed = Buffer.concat(data);
  // The first pixel has no neighbours, so that it is the same under every filter.
  const corner = [...inflateSync(packed).subarray(1, 4)];
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), corner, packed: packed.length };
}
