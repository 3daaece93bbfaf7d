type Environment = Readonly<Record<string, string | undefined>>;

/** What makes the Pulumi backend the user's own, as a short text; undefined when the project's is to be used. */
export function ownBackend(env: Environment, home: string): string | undefined;

/** Name of the variable that holds the user's own passphrase, or undefined. */
export function ownPassphrase(env: Environment): string | undefined;
