/** A value that must not be found anywhere in clear. */
export interface Secret {
  /** How it is called in a report; the value itself is never shown. */
  name: string;
  value: string;
}

/** Something that people, logs or other programs get to see. */
export interface Place {
  name: string;
  content: Buffer;
}

/** A secret that lies open. */
export interface Hit {
  secret: string;
  /** In which form: as it is, or one that anybody can read back. */
  form: string;
  place: string;
}

/** Shorter ones are found everywhere by chance. */
export const SHORTEST = 8;

interface Form {
  name: string;
  text: string;
}

/** The value as it is, and in the forms in which programs write it down and anybody reads it back. */
export function formsOf(value: string): Form[] {
  const bytes = Buffer.from(value);
  const forms = [
    { name: "as it is", text: value },
    { name: "JSON-escaped", text: JSON.stringify(value).slice(1, -1) },
    { name: "JSON-escaped twice", text: JSON.stringify(JSON.stringify(value)).slice(3, -3) },
    { name: "URL-encoded", text: encodeURIComponent(value) },
    { name: "form-encoded", text: encodeURIComponent(value).replaceAll("%20", "+") },
    { name: "hexadecimal", text: bytes.toString("hex") },
    ...[0, 1, 2].map((offset) => ({ name: "base64", text: base64Inside(bytes, offset) })),
    ...[0, 1, 2].map((offset) => ({ name: "base64url", text: base64url(base64Inside(bytes, offset)) })),
  ];
  const seen = new Set<string>();
  return forms.filter(({ text }) => text.length >= SHORTEST && !seen.has(text) && seen.add(text));
}

/**
 * The part of a base64 text that is the same whatever stands before and after the value.
 * @param offset bytes before it, modulo 3.
 */
function base64Inside(bytes: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString("base64")
    .replace(/=+$/, "");
  const head = [0, 2, 3][offset] ?? 0;
  const loose = (offset + bytes.length) % 3;
  return encoded.slice(head, loose === 0 ? undefined : -1);
}

function base64url(text: string): string {
  return text.replaceAll("+", "-").replaceAll("/", "_");
}

/** Looks for every form of every secret in every place. */
export function findSecrets(secrets: Secret[], places: Place[]): Hit[] {
  const wanted = secrets.map(({ name, value }) => ({
    name,
    forms: formsOf(value).map((form) => ({ ...form, bytes: Buffer.from(form.text) })),
  }));
  return places.flatMap((place) =>
    wanted.flatMap(({ name, forms }) =>
      forms
        .filter(({ bytes }) => place.content.includes(bytes))
        .map((form) => ({ secret: name, form: form.name, place: place.name })),
    ),
  );
}

/** Marks with which Pulumi writes a secret into an export; the second is that of a secret. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/**
 * Every text that the engine holds as a secret, wherever in the stack's state.
 * @param exported what `pulumi stack export --show-secrets` prints. Handle with care.
 */
export function secretsInExport(exported: unknown): Secret[] {
  const found: Secret[] = [];
  const takeLeaves = (value: unknown, name: string): void => {
    if (typeof value === "string") found.push({ name, value });
    else forEachEntry(value, name, takeLeaves);
  };
  const walk = (value: unknown, name: string): void => {
    const sealed = sealedText(value);
    if (sealed === undefined) forEachEntry(value, name, walk);
    else takeLeaves(JSON.parse(sealed), name);
  };
  walk(exported, "");
  return distinct(found);
}

function sealedText(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { [SIGNATURE]: kind, plaintext } = value as { [key: string]: unknown };
  return kind === SECRET && typeof plaintext === "string" ? plaintext : undefined;
}

/** Entries of an object or a list, named by their path; a resource is named by its own name. */
function forEachEntry(value: unknown, path: string, visit: (value: unknown, path: string) => void): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const urn: unknown = typeof inner === "object" && inner !== null ? (inner as { urn?: unknown }).urn : undefined;
    visit(inner, typeof urn === "string" ? (urn.split("::").at(-1) ?? urn) : `${path}.${key}`.replace(/^\./, ""));
  }
}

/** Each value once, under the first of its names. */
export function distinct(secrets: Secret[]): Secret[] {
  const byValue = new Map<string, Secret>();
  for (const secret of secrets) {
    if (secret.value.length >= SHORTEST && !byValue.has(secret.value)) byValue.set(secret.value, secret);
  }
  return [...byValue.values()];
}
