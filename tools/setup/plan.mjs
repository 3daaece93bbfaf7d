// Which parts a command needs, and whether a stand-in may take the place of a plugin.

/** Commands that never touch a real Docker or a stack of somebody's own unasked. */
const MAY_USE_STAND_INS = new Set(["sandbox", "test", "matrix", "check", "ephemeral", "bench"]);
/** Commands that try out what identities may do, or read secrets, with the SDKs of the examples. */
const RUNS_THE_EXAMPLES = new Set([
  "sandbox",
  "up",
  "verify",
  "report",
  "rotate",
  "drill",
  "backup",
  "upgrade",
  "test",
  "matrix",
]);
/** Commands that also serve stacks made by `npm run sandbox`, so they go on with the stand-ins that it chose. */
const FOLLOWS_THE_STACK = new Set([
  "down",
  "preview",
  "pulumi",
  "verify",
  "repair",
  "doctor",
  "rotate",
  "env",
  "report",
  "backup",
  "pull",
  "promote",
  "restore",
  "drill",
  "rollback",
  "bundle",
  "reap",
]);
/** Commands that need the npm packages and nothing else. */
const NEEDS_PACKAGES_ONLY = new Set(["check", "schema", "docs"]);

/**
 * What has to be there before a command runs.
 * @param command name of the npm script; an unknown one is treated as `up`
 * @param env environment variables; `INFISICAL_STANDINS=1` allows stand-ins everywhere
 * @returns `examples`, `exampleTests` and `pulumi`: whether the consumers, what their tests need, and Pulumi with plugins and backend, are needed (npm packages
 * always are); `standIns`: "allowed" (may be chosen), "kept" (stay if an earlier command chose them) or "refused";
 * `pluginsRequired`: whether a plugin that cannot be had stops the command, see `mustHave`
 */
export function planFor(command, env = {}) {
  return {
    examples: RUNS_THE_EXAMPLES.has(command),
    exampleTests: command === "test",
    pulumi: !NEEDS_PACKAGES_ONLY.has(command),
    standIns: standInRule(command, env),
    pluginsRequired: standInRule(command, env) !== "allowed" && command !== "pulumi",
  };
}

function standInRule(command, env) {
  if (MAY_USE_STAND_INS.has(command) || env.INFISICAL_STANDINS === "1") return "allowed";
  return FOLLOWS_THE_STACK.has(command) ? "kept" : "refused";
}

/**
 * Whether a missing plugin stops the command. On a machine where the sandbox has been used, `down` and `preview` go on
 * without: what a stack does not use need not be there, and Pulumi names what it lacks.
 * @param parts what an earlier set-up recorded, by name
 */
export function mustHave(plan, parts) {
  const sandboxUsed = Object.values(parts).some((part) => part.from === "stand-in");
  return plan.pluginsRequired && !(plan.standIns === "kept" && sandboxUsed);
}
