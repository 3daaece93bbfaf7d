import { z } from "zod";

const wholeNumber = z.string().regex(/^\d+$/, "write a whole number").transform(Number);
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
    .enum(["docker", "sandbox"], { error: "write docker or sandbox (external is not there yet)" })
    .default("docker")
    .describe("What serves the API: Infisical in Docker, or the sandbox, which is not Infisical."),
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

  "memory.infisical": megabytes.default(2048).describe("Memory limit of the server, in MiB."),
  "memory.postgres": megabytes.default(512).describe("Memory limit of Postgres, in MiB."),
  "memory.redis": megabytes.default(256).describe("Memory limit of Redis, in MiB."),

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
  "admin.organization": z.string().min(1).max(64).default("My Organization").describe("Name of the organization."),
});

export type SettingsInput = z.output<typeof settingsSchema>;

/** Settings that must be given with `--secret`. */
export const SECRET_SETTINGS: readonly string[] = ["server.licenseKey", "admin.password"];
