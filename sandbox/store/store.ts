/** The one SQL interface: the embedded PGlite and a real Postgres both serve it, so routes cannot tell them apart. */
export interface Queryable {
  /**
   * Rows of one statement with `$1` parameters. Timestamps come as `Date`, jsonb as objects; pass jsonb as
   * `JSON.stringify(value)`, arrays as JavaScript arrays. Use `::int` for counts (a bigint comes as text from Postgres).
   */
  query<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

export interface Store extends Queryable {
  /** For the banner, without credentials. */
  readonly description: string;
  /**
   * Runs `work` in one transaction; a thrown error rolls back. Inside, use only the given `transaction`: the embedded
   * store has one connection, and a query on the store itself would wait for the transaction for ever.
   */
  transaction<Result>(work: (transaction: Queryable) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** The SQLSTATE of a violated unique index, in both stores. */
export function isUniqueViolation(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "23505";
}

/** First row or undefined. */
export async function queryOne<Row = Record<string, unknown>>(
  source: Queryable,
  sql: string,
  parameters?: readonly unknown[],
): Promise<Row | undefined> {
  return (await source.query<Row>(sql, parameters))[0];
}

/** Exactly one row, for statements that always return one (INSERT … RETURNING). */
export async function queryRow<Row = Record<string, unknown>>(
  source: Queryable,
  sql: string,
  parameters?: readonly unknown[],
): Promise<Row> {
  const row = await queryOne<Row>(source, sql, parameters);
  if (row === undefined) throw new Error(`no row from: ${sql.slice(0, 80)}`);
  return row;
}
