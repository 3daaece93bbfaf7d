/** A frame of Pulumi's own code, such as `at Stack.run (/x/node_modules/@pulumi/resource.ts:1:2)`. */
const PULUMI_FRAME = /^\s+at .*[/\\]node_modules[/\\]@pulumi[/\\]/;

/**
 * Takes Pulumi's own frames out of the stack of an error that ends the program.
 *
 * Pulumi has Node colour the stack of every such error, also of one whose message alone is shown. Node (seen: 20.20.2 and
 * 22.23.3) does not get to the end of a frame such as `node_modules/@pulumi/resource.ts`: it fills 3 GB and needs a minute
 * or more, until its text is too long and Pulumi does without colours.
 */
export function dropPulumiFrames(thrown: unknown): void {
  if (!(thrown instanceof Error) || typeof thrown.stack !== "string") return;
  const lines = thrown.stack.split("\n").filter((line) => !PULUMI_FRAME.test(line));
  thrown.stack = lines.join("\n");
}

/** Does so for every error that nobody catches, before Pulumi gets to see it. */
export function shortenUncaughtErrors(): void {
  process.prependListener("uncaughtException", dropPulumiFrames);
  process.prependListener("unhandledRejection", dropPulumiFrames);
}
