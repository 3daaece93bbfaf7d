import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { PROJECT_ROOT, type Settings } from "../config";

/** Where the server finds the private CAs that it shall trust. */
export const CA_FILE = "/etc/infisical-ca.pem";

/** Addresses that Docker gives out: the front door has one of them, and nothing else gets to a server behind it. */
const DOCKER_NETWORKS = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16";

/** What the server is told besides its keys and its databases, as `NAME=value`. */
export function serverEnvironment(settings: Settings, behindFrontDoor: boolean): pulumi.Input<string>[] {
  const licence = settings["server.licenseKey"];
  const proxies = [settings["server.trustedProxies"], behindFrontDoor ? DOCKER_NETWORKS : undefined];
  const trusted = proxies.filter((networks) => networks !== undefined).join(",");
  return [
    `SITE_URL=${settings.url}`,
    // Marks its cookies as for HTTPS only; it speaks plain HTTP to the proxy in front all the same.
    `HTTPS_ENABLED=${String(settings.url.startsWith("https:"))}`,
    "TELEMETRY_ENABLED=false",
    "ANNOUNCEMENTS_ENABLED=false",
    ...(licence === undefined ? [] : [pulumi.secret(`LICENSE_KEY=${licence}`)]),
    ...(trusted === "" ? [] : [`TRUSTED_PROXY_CIDRS=${trusted}`]),
    ...mailEnvironment(settings),
    ...authorityEnvironment(settings),
  ];
}

function mailEnvironment(settings: Settings): pulumi.Input<string>[] {
  const { "smtp.host": host, "smtp.user": user, "smtp.password": password } = settings;
  if (host === undefined) return [];
  return [
    `SMTP_HOST=${host}`,
    `SMTP_PORT=${settings["smtp.port"]}`,
    `SMTP_FROM_ADDRESS=${settings["smtp.fromAddress"] ?? ""}`,
    `SMTP_FROM_NAME=${settings["smtp.fromName"]}`,
    ...(user === undefined ? [] : [`SMTP_USERNAME=${user}`]),
    ...(password === undefined ? [] : [pulumi.secret(`SMTP_PASSWORD=${password}`)]),
  ];
}

/** Postgres takes the CA from a variable of its own, everything else from Node's. */
function authorityEnvironment(settings: Settings): string[] {
  const authorities = authoritiesOf(settings);
  if (authorities === undefined) return [];
  const postgres = settings["postgres.uri"] === undefined ? [] : [`DB_ROOT_CERT=${toBase64(authorities)}`];
  return [`NODE_EXTRA_CA_CERTS=${CA_FILE}`, ...postgres];
}

const toBase64 = (text: string): string => Buffer.from(text).toString("base64");

/** The private CAs that the server shall trust, as PEM. @throws pulumi.RunError when the file cannot be read. */
export function authoritiesOf(settings: Settings): string | undefined {
  const file = settings["server.caFile"];
  return file === undefined ? undefined : readPem(file, "server.caFile", "CERTIFICATE");
}

/**
 * A PEM file that a setting names, from the project's folder.
 * @throws pulumi.RunError when it is not there, or holds something else.
 */
export function readPem(file: string, setting: string, kind: "CERTIFICATE" | "PRIVATE KEY"): string {
  let text: string;
  try {
    text = readFileSync(resolve(PROJECT_ROOT, file), "utf8");
  } catch (thrown) {
    const { code } = thrown as { code?: string };
    throw new pulumi.RunError(`infisical:${setting}: ${file} cannot be read (${code ?? "unknown"})`);
  }
  if (new RegExp(`-----BEGIN [A-Z ]*${kind}-----`).test(text)) return text;
  throw new pulumi.RunError(`infisical:${setting}: ${file} holds no ${kind.toLowerCase()} in PEM form`);
}
