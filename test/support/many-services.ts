import { stringify } from "yaml";

const SERVICES = ["api", "billing", "mailer", "search", "worker"];
const ENVIRONMENTS = { dev: "Development", staging: "Staging", prod: "Production" };

/** The key that {@link manyServices} can give another value. */
export const CHANGED = { environment: "prod", path: "/search", key: "KEY_003" };

/**
 * A blueprint of five services in three environments, with 500 keys of all kinds: literal, generated, of the
 * configuration, to be filled in; shared ones are imported.
 * @param changed value of {@link CHANGED}.
 */
export function manyServices(changed = "as at first"): string {
  const plain = (service: string, environment: string, count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `KEY_${String(index).padStart(3, "0")}`,
        `${service} in ${environment}: ${index}`,
      ]),
    );
  const service = (name: string, environment: string) => ({
    ...plain(name, environment, 27),
    DATABASE_PASSWORD: { generated: { length: 24 }, tags: ["generated"], comment: "made by the stack" },
    SIGNING_KEY: { generated: { charset: "hex", length: 64 } },
    DATABASE_URL: `postgres://${name}:\${DATABASE_PASSWORD}@db/${name}`,
    PAYMENT_TOKEN: { ownership: "must-fill", comment: "of the payment provider" },
    FEATURES: { literal: "none", ownership: "seed-once" },
    API_TOKEN: { config: "API_TOKEN", metadata: { owner: name } },
  });
  const secrets = Object.fromEntries(
    Object.keys(ENVIRONMENTS).map((environment) => [
      environment,
      {
        "/shared": { LOG_LEVEL: environment === "prod" ? "warn" : "debug" },
        ...Object.fromEntries(
          SERVICES.map((name) => [`/${name}`, { ...service(name, environment) } as { [key: string]: unknown }]),
        ),
      } as { [path: string]: { [key: string]: unknown } },
    ]),
  );
  const { environment, path, key } = CHANGED;
  Object.assign(secrets[environment]?.[path] ?? {}, { [key]: changed });
  // 3 x (5 x 33 + 1) = 498.
  Object.assign(secrets.dev?.["/shared"] ?? {}, { EXTRA_1: "x", EXTRA_2: "y" });
  const blueprint = {
    projects: {
      "many-services": {
        name: "Many services",
        environments: ENVIRONMENTS,
        tags: { generated: "#4a90d9" },
        folders: { "*": Object.fromEntries(SERVICES.map((name) => [`/${name}`, { imports: ["/shared"] }])) },
        secrets,
      },
    },
    identities: Object.fromEntries(
      SERVICES.map((name) => [
        `${name}-service`,
        {
          grants: [
            { environment: Object.keys(ENVIRONMENTS), path: `/${name}` },
            { environment: "dev", path: "/shared" },
          ],
        },
      ]),
    ),
  };
  return stringify(blueprint, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" });
}
