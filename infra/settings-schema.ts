import { z } from "zod";

const wholeNumber = z.string().regex(/^\d+$/, "write a whole number").transform(Number);
const generation = wholeNumber.pipe(z.number().min(1, "generations go from 1")).default(1);
const flag = z.enum(["true", "false"], { error: "write true or false" }).transform((text) => text === "true");
const megabytes = wholeNumber.pipe(z.number().min(64, "at least 64"));
const imageName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._/:-]*(@sha256:[0-9a-f]{64})?$/,
    "write NAME:TAG, with @sha256:... after it to pin the digest",
  );

/** Every key of the stack's configuration, without the `infisical:` before it. Values arrive as texts. */
export const settingsSchema = z.strictObject({
  target: z
    .enum(["docker", "sandbox", "external"], { error: "write docker, sandbox or external" })
    .default("docker")
    .describe(
      "What serves the API: Infisical in Docker, one that exists already, or the sandbox, which is not Infisical.",
    ),
  blueprint: z
    .string()
    .default("blueprints/my-rag.yaml")
    .describe("File that says what to provision, from the project's folder."),

  "server.port": wholeNumber
    .pipe(z.number().min(1, "ports go from 1 to 65535").max(65535, "ports go from 1 to 65535"))
    .default(8080)
    .describe("Port on the machine."),
  "server.bindAddress": z
    .union([z.ipv4(), z.ipv6()], { error: "write an IP address of the machine" })
    .default("127.0.0.1")
    .describe("Address on which the port is published; loopback, so that only this machine reaches it."),
  "server.siteUrl": z
    .url({ protocol: /^https?$/, error: "write an address such as https://infisical.example.com" })
    .optional()
    .describe("Address under which people reach the server. Default: http://localhost:<port>."),
  "server.durable": flag
    .default(false)
    .describe("Protect keys, volumes, containers and network from `pulumi destroy`."),
  "server.readyTimeout": wholeNumber
    .pipe(z.number().min(10, "at least 10 s").max(3600, "at most 3600 s"))
    .default(300)
    .describe("Seconds to wait for the server."),
  "server.licenseKey": z
    .string()
    .min(1)
    .optional()
    .describe("Licence key (secret). Without it a free server is assumed."),
  "server.dockerHost": z
    .string()
    .regex(/^(unix|tcp|https?|ssh):\/\//, "write an address such as ssh://user@host")
    .optional()
    .describe("Docker engine to use. Default: DOCKER_HOST, else the local one."),
  "server.expires": z.iso
    .datetime({ error: "write a time such as 2026-01-31T12:00:00Z" })
    .optional()
    .describe("Makes the stack a throwaway: data in memory, and `npm run reap` removes it after this time."),
  "server.egress": flag
    .default(true)
    .describe("false: server, Postgres and Redis have no way out of their network; only the port leads in."),
  "server.profile": z
    .enum(["default", "small"], { error: "write default or small" })
    .default("default")
    .describe("Memory limits where memory.* does not say otherwise; small is for a try on a small machine."),
  "server.readOnlyRoot": flag
    .default(false)
    .describe("Give the server a root file system that it cannot write to; not every version starts on one."),
  "server.trustedProxies": z
    .string()
    .regex(/^[0-9a-f.:/]+(,[0-9a-f.:/]+)*$/i, "write addresses or networks with commas between, such as 10.0.0.0/8")
    .optional()
    .describe("Proxies in front whose word on the caller's address counts."),
  "server.caFile": z
    .string()
    .min(1)
    .optional()
    .describe("PEM file of private CAs that the server trusts: for Postgres, Redis and mail servers of your own."),
  "server.sandboxProfile": z
    .enum(["v0.159.22", "recorded"], { error: "write v0.159.22 or recorded" })
    .default("v0.159.22")
    .describe("Which server the sandbox resembles."),

  "image.infisical": imageName.default("infisical/infisical:v0.159.22").describe("Image of the server."),
  "image.postgres": imageName
    .default("postgres:15-alpine")
    .describe("Image of Postgres; its major version is that of the data."),
  "image.redis": imageName.default("redis:7-alpine").describe("Image of Redis."),
  "image.mirror": z
    .string()
    .regex(/^[a-z0-9][a-z0-9.:/-]*[a-z0-9]$/, "write a host with an optional path, without a slash at the end")
    .optional()
    .describe("Put before the image names, for a mirror of your own."),

  "memory.infisical": megabytes
    .optional()
    .describe("Memory limit of the server, in MiB. Default: 2048, with the profile small 1280."),
  "memory.postgres": megabytes
    .optional()
    .describe("Memory limit of Postgres, in MiB. Default: 512, with the profile small 256."),
  "memory.redis": megabytes
    .optional()
    .describe("Memory limit of Redis, in MiB. Default: 256, with the profile small 128."),

  "postgres.generation": generation.describe("Number of Postgres' password; `npm run rotate` raises it."),
  "redis.generation": generation.describe("Number of Redis' password; `npm run rotate` raises it."),
  "postgres.uri": z
    .string()
    .regex(/^postgres(ql)?:\/\//, "write an address such as postgres://user:password@host:5432/name?sslmode=require")
    .optional()
    .describe("A Postgres of your own in place of the container (secret)."),
  "redis.uri": z
    .string()
    .regex(/^rediss?:\/\//, "write an address such as rediss://:password@host:6379")
    .optional()
    .describe("A Redis of your own in place of the container (secret)."),

  "tls.mode": z
    .enum(["off", "own"], {
      error: "write off or own (your certificate); for Caddy or another proxy in front see docs/exposure.md",
    })
    .default("off")
    .describe("own: the port speaks HTTPS with your certificate."),
  "tls.certificateFile": z.string().min(1).optional().describe("PEM file of the certificate, with its chain."),
  "tls.keyFile": z.string().min(1).optional().describe("PEM file of its private key."),

  "smtp.host": z.string().min(1).optional().describe("Mail server. Without it the server sends no mail."),
  "smtp.port": wholeNumber.pipe(z.number().min(1).max(65535)).default(587).describe("Its port."),
  "smtp.user": z.string().min(1).optional().describe("Name to log in with there."),
  "smtp.password": z.string().min(1).optional().describe("Password to log in with there (secret)."),
  "smtp.fromAddress": z.email("write an e-mail address").optional().describe("Sender's address."),
  "smtp.fromName": z.string().min(1).default("Infisical").describe("Sender's name."),

  "external.url": z
    .url({ protocol: /^https?$/, error: "write an address such as https://infisical.example.com" })
    .refine((url) => ["", "/"].includes(new URL(url).pathname), "write the address without a path")
    .optional()
    .describe("With target external: address of the Infisical that exists already."),
  "external.clientId": z
    .string()
    .min(1)
    .optional()
    .describe("Universal Auth client id. Default: INFISICAL_UNIVERSAL_AUTH_CLIENT_ID."),
  "external.clientSecret": z
    .string()
    .min(1)
    .optional()
    .describe("Its client secret (secret). Default: INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET."),
  "external.token": z
    .string()
    .min(1)
    .optional()
    .describe("An access token in their place (secret); nothing renews it. Default: INFISICAL_TOKEN."),
  "external.organizationId": z
    .string()
    .min(1)
    .optional()
    .describe("Organization to work in. Default: that of the identity."),
  "external.licensed": flag
    .default(false)
    .describe("That server has a licence; without one, what a free server refuses is refused at preview."),

  "admin.email": z
    .email("write an e-mail address")
    .transform((email) => email.toLowerCase())
    .default("admin@example.com")
    .describe("The administrator's e-mail address; they log in with it."),
  "admin.password": z
    .string()
    .min(12, "at least 12 characters")
    .optional()
    .describe("The administrator's password (secret), for a server that has one already. Default: generated."),
  "automation.generation": generation.describe("Number of the program's own credential; `npm run rotate` raises it."),
  "admin.organization": z.string().min(1).max(64).default("My Organization").describe("Name of the organization."),
});

export type SettingsInput = z.output<typeof settingsSchema>;

/** Settings that must be given with `--secret`. */
export const SECRET_SETTINGS: readonly string[] = [
  "server.licenseKey",
  "postgres.uri",
  "redis.uri",
  "smtp.password",
  "admin.password",
  "external.clientSecret",
  "external.token",
];
