import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../cli/core/places";
import { readPage } from "./blocks";

/** Messages of programs that are not ours. */
const FOREIGN = [
  "ModuleNotFoundError: No module named 'infisicalsdk'",
  "module 'secrets' has no attribute 'token_hex'",
  "kill -9",
  ".local/",
  ".local/passphrase",
];

/** Code in the first column of every table. */
function messagesOf(page: string): string[] {
  const cells = readPage(page)
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.split(/(?<!\\)\|/)[1] ?? "");
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code));
}

/** All texts of the program, with those that are written over several lines made whole again. */
function sources(): string {
  const files = ["infra", "cli", "tools", "examples"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(ts|mjs|py)$/.test(file) && !file.includes("node_modules"))
      .map((file) => join(ROOT, folder, file)),
  );
  return files.map((file) => readFileSync(file, "utf8").replaceAll(/["'`]\s*\+?\s*\n\s*f?["'`]/g, "")).join("\n");
}

describe.each(["docs/troubleshooting.md", "docs/application-errors.md"])("the messages in %s", (page) => {
  const text = sources();

  it("are those that the program prints", () => {
    const own = messagesOf(page).filter((message) => !FOREIGN.includes(message));
    expect(own.length).toBeGreaterThan(5);
    const unknown = own.filter((message) => !isPrinted(message, text));
    expect(unknown).toEqual([]);
  });
});

/** What stands between the dots is in the program, in this order or another. */
function isPrinted(message: string, text: string): boolean {
  const pieces = message.split("...").map((piece) => piece.trim().replaceAll('"', ""));
  return pieces.filter((piece) => piece.length > 2).every((piece) => text.includes(piece));
}
