/**
 * The text of an environment file with these variables in it: lines of the same names are replaced where they stand,
 * all others are kept as they are, and what is new comes last. Values need no quotes.
 */
export function withVariables(text: string, variables: { [name: string]: string }): string {
  const open = new Map(Object.entries(variables));
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  const kept = lines.flatMap((line) => {
    const [, head = "", name = ""] = /^(\s*(?:export\s+)?)([A-Za-z_][A-Za-z0-9_]*)\s*=/.exec(line) ?? [];
    if (!Object.hasOwn(variables, name)) return [line];
    const value = open.get(name);
    open.delete(name);
    // A second line of the same name would win over the first one.
    return value === undefined ? [] : [`${head}${name}=${value}`];
  });
  return [...kept, ...[...open].map(([name, value]) => `${name}=${value}`)].map((line) => `${line}\n`).join("");
}
