import { z } from "zod";

/** Names as Infisical takes them. What it would refuse later is refused here, with the line. */

export const slug = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "use a-z, 0-9 and single hyphens")
  .max(36, "at most 36 characters");

export const projectSlug = slug.min(5, "Infisical wants at least 5 characters in a project's slug");

/** Stands for every environment of the project; what one environment says itself wins. */
export const EVERY_ENVIRONMENT = "*";

export const environmentKey = z.union([z.literal(EVERY_ENVIRONMENT), slug], {
  error: 'name an environment (a-z, 0-9 and single hyphens), or "*" for all of them',
});

const PATH_HELP = 'write an absolute path, such as "/openai-rag"; Infisical takes a-z, A-Z, 0-9, _ and - in a name';

export const folderPath = z.string().regex(/^\/$|^(\/[A-Za-z0-9_-]+)+$/, PATH_HELP);

/** A folder, or with `/**` at its end the folder and everything below it. */
export const grantPath = z
  .string()
  .regex(/^\/$|^\/\*\*$|^(\/[A-Za-z0-9_-]+)+(\/\*\*)?$/, `${PATH_HELP}; end with /** to take in what is below`);

/** `/shared`, or `prod:/shared` in another environment. */
export const folderAddress = z
  .string()
  .regex(/^([a-z0-9-]+:)?(\/$|(\/[A-Za-z0-9_-]+)+$)/, 'write a path such as "/shared", or "prod:/shared"');

export const secretName = z
  .string()
  .min(1, "a name is needed")
  .regex(/^[^:/\s](?:[^:/]*[^:/\s])?$/, 'Infisical refuses ":" and "/" in a name, and trims white space around it');

export const tagSlug = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z0-9-]+$/, "use a-z, 0-9 and -");

export const configName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "use letters, digits and _");

export const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "use letters, digits and _");
