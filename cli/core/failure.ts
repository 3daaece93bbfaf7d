/** A failure that is explained: its message is all that a person gets to see. */
export class Failure extends Error {
  constructor(
    message: string,
    /** Exit code of the command. */
    readonly code = 1,
  ) {
    super(message);
  }
}

/** Wrong use of a command: nothing was tried. */
export function misuse(message: string): Failure {
  return new Failure(message, 2);
}
