/** What stands in an answer for a value that was not asked for or may not be seen. */
export const HIDDEN_VALUE = "<hidden-by-infisical>";

/**
 * A value as the server keeps it: white space is taken from both ends, then one line end is put back if there was one.
 * Source: exchanges 391 and 589-598 of the recordings.
 */
export function trimmedValue(value: string): string {
  return value.endsWith("\n") ? `${value.trim()}\n` : value.trim();
}
