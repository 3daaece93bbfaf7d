import { createReadStream, createWriteStream, openSync, closeSync, fsyncSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { Decrypter, Encrypter } from "age-encryption";
import { extract, pack, type Extract, type Pack } from "tar-stream";
import { messageOf } from "../../../infra/api/fault";
import { Failure } from "../failure";
import { Checksum, counted, MANIFEST, manifestSchema, type Manifest } from "./manifest";

/** One file in an archive. */
export interface Part {
  name: string;
  bytes: number;
  open: () => Readable;
}

/**
 * Writes an archive that `age -d <file> | tar -xz` opens, too: a tar file, packed and then encrypted as a stream. The
 * file has its name only once it is whole; mode 0600.
 *
 * @param folder on the same disk, for what is on its way.
 * @throws Failure when it cannot be written, as when the disk is full; nothing of it is left then.
 */
export async function writeArchive(
  file: string,
  folder: string,
  encrypter: Encrypter,
  manifest: Manifest,
  parts: Part[],
): Promise<void> {
  const partial = join(folder, "archive.partial");
  const text = Buffer.from(JSON.stringify(manifest, undefined, 2));
  const all = [{ name: MANIFEST, bytes: text.length, open: () => Readable.from([text]) }, ...parts];
  const tarball = pack();
  try {
    const output = createWriteStream(partial, { mode: 0o600 });
    // The packer is a stream of another kind than Node's, so Node is given what comes out of it.
    const packed = Readable.from(tarball as AsyncIterable<Buffer>);
    await Promise.all([
      fill(tarball, all, new Date(manifest.createdAt)),
      pipeline(packed, createGzip(), through(encrypter.encrypt.bind(encrypter)), output),
    ]);
    sync(partial);
    renameSync(partial, file);
  } catch (thrown) {
    rmSync(partial, { force: true });
    throw new Failure(`the archive ${file} could not be written: ${storyOf(thrown)} Nothing of it is left.`);
  }
}

async function fill(tarball: Pack, parts: Part[], mtime: Date): Promise<void> {
  try {
    for (const { name, bytes, open } of parts) {
      const entry = tarball.entry({ name, size: bytes, mode: 0o600, mtime });
      await pipeline(open(), entry);
    }
    tarball.finalize();
  } catch (thrown) {
    tarball.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
    throw thrown;
  }
}

/**
 * Reads an archive to its end, and holds every part against the manifest.
 *
 * @param take gets each part but the manifest, and must read its content.
 * @returns the manifest.
 * @throws Failure when the key does not open it, or it is damaged or cut short.
 */
export async function readArchive(
  file: string,
  decrypter: Decrypter,
  take: (name: string, content: AsyncIterable<Buffer>) => Promise<void>,
): Promise<Manifest> {
  const entries = extract();
  const decrypted = through(decrypter.decrypt.bind(decrypter));
  const unpacking = pipeline(createReadStream(file), decrypted, createGunzip(), entries);
  // Whoever fails first, the other one fails of it; the unpacking knows the cause.
  const [unpacked, read] = await Promise.allSettled([unpacking, readEntries(entries, take)]);
  if (unpacked.status === "rejected") throw unreadable(file, unpacked.reason);
  if (read.status === "rejected") throw unreadable(file, read.reason);
  const { manifest, sums } = read.value;
  if (manifest === undefined) throw damaged(file, "it has no manifest");
  for (const [name, { bytes, sha256 }] of Object.entries(manifest.parts)) {
    const seen = sums.get(name)?.result;
    if (seen === undefined) throw damaged(file, `${name} is missing`);
    if (seen.bytes !== bytes || seen.sha256 !== sha256) throw damaged(file, `${name} is not as it was written`);
  }
  return manifest;
}

async function readEntries(
  entries: Extract,
  take: (name: string, content: AsyncIterable<Buffer>) => Promise<void>,
): Promise<{ manifest: Manifest | undefined; sums: Map<string, Checksum> }> {
  const sums = new Map<string, Checksum>();
  let manifest: Manifest | undefined;
  for await (const entry of entries) {
    const { name } = entry.header;
    const content = entry as unknown as AsyncIterable<Buffer>;
    if (name === MANIFEST) {
      manifest = manifestSchema.parse(JSON.parse((await bytesOf(content)).toString()));
      continue;
    }
    const sum = new Checksum();
    sums.set(name, sum);
    await take(name, counted(content, sum));
  }
  return { manifest, sums };
}

/** All of a part, for those that are small. */
export async function bytesOf(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

type WebStream = ReadableStream<Uint8Array>;

/** A step of a pipeline out of a function on web streams. */
function through(
  transform: (input: WebStream) => Promise<WebStream>,
): (source: AsyncIterable<Buffer>) => AsyncGenerator<Uint8Array> {
  return async function* (source) {
    const input = Readable.toWeb(Readable.from(source)) as WebStream;
    yield* (await transform(input)) as unknown as AsyncIterable<Uint8Array>;
  };
}

/** On the disk, and not only on its way there. */
function sync(file: string): void {
  const handle = openSync(file, "r");
  fsyncSync(handle);
  closeSync(handle);
}

function unreadable(file: string, thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const message = messageOf(thrown);
  if (/no identity matched/.test(message)) {
    return new Failure(
      `the archive ${file} does not open with this key. It was locked with another passphrase, or for another recipient ` +
        "(--passphrase-file, --identity-file). Nothing was touched.",
    );
  }
  if ((thrown as { code?: string }).code === "ENOENT") return new Failure(`there is no archive ${file}.`);
  return isDiskFull(thrown) ? new Failure(storyOf(thrown)) : damaged(file, message);
}

function damaged(file: string, seen: string): Failure {
  return new Failure(
    `the archive ${file} is damaged or cut short (${seen}). Nothing was touched; take an older one, or another copy.`,
  );
}

function isDiskFull(thrown: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes((thrown as { code?: string } | null)?.code ?? "");
}

/** What went wrong with a file, in words. */
export function storyOf(thrown: unknown): string {
  if (isDiskFull(thrown)) return "the disk is full. Make room, or name another folder with --folder.";
  return `${messageOf(thrown)}.`;
}
