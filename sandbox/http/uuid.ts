const PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether it may be used where the database wants a uuid; anything else there is an error of the database. */
export const isUuid = (value: unknown): value is string => typeof value === "string" && PATTERN.test(value);
