import type { Input } from "../support/refusal-bench";

/** Wrong settings, each for one cause. */
export interface BadConfig {
  case: string;
  input: Input;
  /** What the message has to say: the key, what is wrong with it, the remedy. */
  tells: string[];
  /** What must not be in it. */
  hides?: string;
  /** Only where there is a Docker engine with the images. */
  needsDocker?: boolean;
  /** Something else listens on this port of the machine meanwhile; the case is given the same one. */
  portTaken?: boolean;
}

const bad = (key: string, value: unknown, ...tells: string[]): BadConfig => ({
  case: `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
  input: { config: { [key]: value } },
  tells: [`infisical:${key}`, ...tells],
});

const SET = "pulumi config set";
const PLAIN_SECRET = "plain-secret-value";
const inClear = (key: string): BadConfig => ({
  ...bad(key, PLAIN_SECRET, "in clear", "pulumi config set --secret"),
  hides: PLAIN_SECRET,
});
const docker = (title: string, config: { [key: string]: string }, ...tells: string[]): BadConfig => ({
  case: title,
  input: { config: { target: "docker", ...config } },
  tells,
});

const KEYS: BadConfig[] = [
  { ...bad("colour", "blue", "unknown key", "pulumi config rm colour"), case: "an unknown key" },
  { ...bad("server.prot", "8081", "Did you mean server.port?"), case: "a misspelt key" },
  { ...bad("Server.Port", "8081", "Did you mean server.port?"), case: "a key in capitals" },
  { ...bad("OPENAI_API_KEYS", "x", "Did you mean OPENAI_API_KEY?"), case: "a misspelt secret of the blueprint" },
  {
    case: "a misspelt key in an object",
    input: { config: { server: { durabel: true } } },
    tells: ["infisical:server.durabel", "Did you mean server.durable?"],
  },
  { ...bad("generation.nobody", "2", 'no identity "nobody"'), case: "a generation of an identity that is not there" },
  { ...bad("revoked.nobody", "2", 'no identity "nobody"'), case: "a revocation of an identity that is not there" },
];

const VALUES: BadConfig[] = [
  bad("target", "kubernetes", "docker, sandbox or external", SET),
  bad("server.port", "http", "whole number", SET),
  bad("server.port", "8080.5", "whole number"),
  bad("server.port", "-1", "whole number"),
  bad("server.port", "0", "1 to 65535"),
  bad("server.port", "70000", "1 to 65535"),
  bad("server.port", true, "whole number"),
  bad("server.port", [8080], "whole number"),
  bad("server.bindAddress", "localhost", "IP address"),
  bad("server.siteUrl", "infisical.example.com", "https://"),
  bad("server.durable", "sometimes", "true or false"),
  bad("server.readyTimeout", "5", "at least 10"),
  bad("server.readyTimeout", "10000", "at most 3600"),
  bad("server.dockerHost", "/var/run/docker.sock", "ssh://"),
  bad("server.sandboxProfile", "v1.0.0", "v0.159.22 or recorded"),
  bad("image.infisical", "Infisical Infisical", "NAME:TAG"),
  bad("image.postgres", "postgres@sha256:12", "NAME:TAG"),
  bad("image.redis", "", "NAME:TAG"),
  bad("image.mirror", "https://mirror.example.com/", "host"),
  bad("memory.infisical", "2GiB", "whole number"),
  bad("memory.postgres", "16", "at least 64"),
  bad("memory.redis", "lots", "whole number"),
  bad("admin.email", "admin", "e-mail address"),
  bad("admin.email", "admin@", "e-mail address"),
  bad("admin.organization", "", SET),
  { ...bad("admin.password", "short", "at least 12"), hides: "short." },
  bad("generation.rag-sdk-identity", "0", "whole number from 1"),
  bad("generation.rag-sdk-identity", "next", "whole number from 1"),
];

const SECRETS: BadConfig[] = [
  inClear("OPENAI_API_KEY"),
  inClear("admin.password"),
  inClear("server.licenseKey"),
  inClear("external.clientSecret"),
  inClear("external.token"),
];

const FILES: BadConfig[] = [
  {
    ...bad(
      "blueprint",
      "blueprints/none.yaml",
      "blueprints/none.yaml: there is no such file",
      "blueprints/my-rag.yaml",
    ),
    case: "a blueprint that is not there",
  },
  {
    ...bad("blueprint", "blueprints", "blueprints/my-rag.yaml"),
    case: "a folder in place of a blueprint",
  },
];

const EXTERNAL: BadConfig[] = [
  {
    case: "external without an address",
    input: { config: { target: "external" }, env: { INFISICAL_TOKEN: "x" } },
    tells: ["infisical:external.url", "pulumi config set external.url"],
  },
  {
    case: "external without a credential",
    input: { config: { target: "external", "external.url": "https://infisical.example.com" } },
    tells: ["infisical:external.clientId", "pulumi config set --secret external.clientSecret"],
  },
  {
    case: "external with a path in its address",
    input: { config: { "external.url": "https://infisical.example.com/api" } },
    tells: ["infisical:external.url", "without a path"],
  },
  {
    case: "external at an address where nobody answers",
    input: { config: { target: "external", "external.url": "http://127.0.0.1:20999" }, env: { INFISICAL_TOKEN: "x" } },
    tells: ["http://127.0.0.1:20999", "ECONNREFUSED"],
  },
];

const MACHINE: BadConfig[] = [
  docker(
    "Docker not there (socket)",
    { "server.dockerHost": "unix:///nonexistent/docker.sock" },
    "Docker is not reached at unix:///nonexistent/docker.sock",
    "infisical:server.dockerHost",
    "npm run sandbox",
  ),
  docker(
    "Docker not there (address)",
    { "server.dockerHost": "tcp://127.0.0.1:1" },
    "Docker is not reached at tcp://127.0.0.1:1",
    "ECONNREFUSED",
    "infisical:server.dockerHost",
  ),
  {
    ...docker(
      "an image that is nowhere",
      { "image.redis": "localhost:1/none/redis:0" },
      "image localhost:1/none/redis:0",
      "infisical:image.",
      "docker load",
    ),
    needsDocker: true,
  },
  {
    ...docker(
      "a mirror that is not there",
      { "image.mirror": "localhost:1" },
      "localhost:1/",
      "infisical:image.mirror",
    ),
    needsDocker: true,
  },
  {
    ...docker("a port that is taken (docker)", {}, "is taken by another program", "pulumi config set server.port"),
    needsDocker: true,
    portTaken: true,
  },
  {
    case: "a port that is taken (sandbox)",
    input: {},
    tells: ["is taken by another program", "pulumi config set server.port"],
    portTaken: true,
  },
];

export const CONFIG_CASES: BadConfig[] = [...KEYS, ...VALUES, ...SECRETS, ...FILES, ...EXTERNAL, ...MACHINE];
