import { execFile } from "node:child_process";
import { copyFile, mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

// The base image brings these itself, and they must fit its own loader.
const IN_BASE = /^(linux-vdso|ld-linux|libc|libm|libdl|libpthread|librt|libgcc_s|libstdc\+\+)[.-]/;

/**
 * Copies the Node.js that runs this script, and the shared libraries which it needs beyond those of a plain Debian,
 * into `folder`. Returns the names of the files made there.
 */
export async function copyNodeRuntime(folder: string): Promise<string[]> {
  await mkdir(join(folder, "lib"), { recursive: true });
  await copyFile(process.execPath, join(folder, "node"));
  const files = ["node"];
  for (const library of await sharedLibraries(process.execPath)) {
    const name = basename(library);
    if (IN_BASE.test(name)) continue;
    await copyFile(library, join(folder, "lib", name));
    files.push(join("lib", name));
  }
  return files;
}

async function sharedLibraries(binary: string): Promise<string[]> {
  try {
    const { stdout } = await execute("ldd", [binary]);
    return [...stdout.matchAll(/=> (\/\S+)/g)].map((match) => match[1] ?? "").filter(Boolean);
  } catch {
    return []; // a static binary: ldd says so by failing
  }
}
