import { createHash, type Hash } from "node:crypto";
import { z } from "zod";

const part = z.object({ bytes: z.number(), sha256: z.string() });

/** First entry of an archive: what is in it, from what, and with which checksums. */
export const manifestSchema = z.object({
  format: z.literal(1),
  /** ISO time of the dump. */
  createdAt: z.string(),
  project: z.string(),
  stack: z.string(),
  target: z.enum(["docker", "sandbox"]),
  /** Address of the server at that time. */
  url: z.string(),
  /** Of the key that opens the data, see infra/key-fingerprint.ts. */
  keyFingerprint: z.string(),
  versions: z.object({
    /** Image names; of the sandbox, which server it resembles. */
    infisical: z.string(),
    postgres: z.string(),
    redis: z.string().optional(),
    pulumi: z.string(),
  }),
  parts: z.record(z.string(), part),
});

export type Manifest = z.output<typeof manifestSchema>;
export type PartCheck = z.output<typeof part>;

export const MANIFEST = "manifest.json";

/** The server's keys in clear, for a day when this project is not there any more. */
export const keysSchema = z.object({ encryptionKey: z.string(), authSecret: z.string() });
export type ServerKeys = z.output<typeof keysSchema>;

/** Counts and hashes what goes through it. */
export class Checksum {
  private readonly hash: Hash = createHash("sha256");
  private bytes = 0;

  add(piece: Uint8Array): void {
    this.hash.update(piece);
    this.bytes += piece.length;
  }

  get result(): PartCheck {
    return { bytes: this.bytes, sha256: this.hash.copy().digest("hex") };
  }
}

/** The pieces as they come, counted on their way. */
export async function* counted(pieces: AsyncIterable<Buffer>, sum: Checksum): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    sum.add(piece);
    yield piece;
  }
}

export function checksumOf(content: Uint8Array): PartCheck {
  const sum = new Checksum();
  sum.add(content);
  return sum.result;
}
