import { queryOne, queryRow, type Queryable } from "../store/store.js";

export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly first_name: string | null;
  readonly last_name: string | null;
  /** null: nobody can log in with a password (an administrator made by bootstrap at the pin). */
  readonly password_hash: string | null;
  readonly super_admin: boolean;
}

export interface NewUser {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string | null;
  readonly passwordHash: string | null;
}

export const createAdministrator = (transaction: Queryable, fresh: NewUser): Promise<UserRow> =>
  queryRow<UserRow>(
    transaction,
    `insert into users (email, first_name, last_name, password_hash, super_admin) values ($1, $2, $3, $4, true) returning *`,
    [fresh.email.toLowerCase(), fresh.firstName, fresh.lastName, fresh.passwordHash],
  );

export const findUserByEmail = (source: Queryable, email: string): Promise<UserRow | undefined> =>
  queryOne<UserRow>(source, "select * from users where email = $1", [email.trim().toLowerCase()]);

export function userView(row: UserRow): Record<string, unknown> {
  return {
    username: row.email,
    email: row.email,
    isEmailVerified: true,
    firstName: row.first_name,
    lastName: row.last_name,
    authMethods: ["email"],
    id: row.id,
  };
}
