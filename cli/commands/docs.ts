import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../core/failure";
import { ROOT } from "../core/places";
import { Stopwatch, summarize } from "../core/summary";
import { configurationPage } from "../reference/configuration-page";

export interface DocsOptions {
  /** Only say whether the page is as it should be. */
  check?: boolean;
}

const PAGE = "docs/configuration.md";

/** Writes the reference page from the schemas that check settings and blueprints. */
export async function docs(options: DocsOptions): Promise<void> {
  const watch = new Stopwatch();
  const text = await configurationReference();
  const file = join(ROOT, PAGE);
  if (options.check === true) {
    if (readFileSync(file, "utf8") !== text) throw new Failure(`${PAGE} is not in step. Make it anew: npm run docs`);
  } else writeFileSync(file, text);
  summarize("docs", { file: PAGE, lines: text.split("\n").length, seconds: watch.seconds });
}

/** The page as it has to be, formatted as everything else. */
export async function configurationReference(): Promise<string> {
  // Loaded here only: prettier is slow to start, and every command would wait for it.
  const { format, resolveConfig } = await import("prettier");
  return format(configurationPage(), { ...(await resolveConfig(join(ROOT, PAGE))), parser: "markdown" });
}
