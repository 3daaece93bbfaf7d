import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../../cli/core/places";
import { HELP, teach } from "../../../cli/help";

const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  scripts: { [name: string]: string };
};

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (piece) => (text += piece) });
  command.outputHelp();
  return text;
}

describe("the help of a command", () => {
  it("ends with examples, and with the page that tells more", () => {
    const cli = new Command("npm run");
    const env = cli.command("env");
    cli.command("other");
    teach(cli);
    expect(helpOf(env)).toMatch(/Examples:\n {2}npm run env .*names and values, secrets hidden/);
    expect(helpOf(env)).toContain("More: docs/how-to/application-environment.md");
    expect(helpOf(cli)).toContain("First steps:\n  npm run sandbox");
  });

  it.each(Object.entries(HELP))("of %s names commands that can be typed, and a page that is there", (name, help) => {
    for (const [line] of help.examples) {
      const [, script = ""] = /npm run (?:-s )?([\w:-]+)|npm (test)/.exec(line) ?? [];
      expect(Object.keys(scripts), line).toContain(script === "" ? "test" : script);
    }
    expect(help.examples.some(([line]) => line.includes(name))).toBe(true);
    if (help.page !== undefined) expect(() => readFileSync(join(ROOT, help.page ?? ""))).not.toThrow();
  });
});
