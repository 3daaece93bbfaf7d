import { isIP } from "node:net";
import type { SettingsInput } from "./settings-schema";

/**
 * Settings that do not go together, or that this program cannot do what they ask.
 * @returns one line for each; none when all is well.
 */
export function hardeningProblems(values: SettingsInput): string[] {
  return [
    ...tlsProblems(values),
    ...databaseProblems(values),
    ...mailProblems(values),
    ...(values["server.readOnlyRoot"] && values["server.caFile"] !== undefined
      ? ["infisical:server.readOnlyRoot: server.caFile has to be written into the container. Choose one of the two"]
      : []),
    ...(values.target === "docker" ? [] : onlyOnDocker(values)),
    ...(values["server.expires"] !== undefined && values["server.durable"]
      ? ["infisical:server.expires: a durable stack is no throwaway. Remove one of the two"]
      : []),
  ];
}

function tlsProblems(values: SettingsInput): string[] {
  const files = (["tls.certificateFile", "tls.keyFile"] as const).filter((name) => values[name] === undefined);
  if (values["tls.mode"] === "off") {
    const useless = (["tls.certificateFile", "tls.keyFile"] as const).filter((name) => values[name] !== undefined);
    return useless.map((name) => `infisical:${name}: not used without tls.mode own`);
  }
  const site = values["server.siteUrl"];
  const https = site?.startsWith("https://") === true;
  return [
    ...files.map((name) => `infisical:${name}: tls.mode own needs it`),
    ...(https ? [] : ["infisical:server.siteUrl: with tls.mode own write the https:// address in the certificate"]),
  ];
}

/** Half of the data elsewhere and half in a container would be lost by half. */
function databaseProblems(values: SettingsInput): string[] {
  const { "postgres.uri": postgres, "redis.uri": redis, "server.egress": egress } = values;
  const outside = [postgres, redis].some((uri) => uri !== undefined);
  if (!outside) return [];
  return [
    ...(egress ? [] : ["infisical:server.egress: a Postgres or Redis outside cannot be reached without a way out"]),
    ...(values["server.expires"] !== undefined && postgres !== undefined
      ? ["infisical:server.expires: data in a Postgres of your own is no throwaway"]
      : []),
    ...[postgres, redis]
      .filter(namesThisMachine)
      .map(
        () =>
          "infisical:postgres.uri, redis.uri: localhost is the container itself; write the address by which containers reach it",
      ),
  ];
}

function namesThisMachine(uri: string | undefined): boolean {
  if (uri === undefined || !URL.canParse(uri)) return false;
  const { hostname } = new URL(uri);
  return hostname === "localhost" || (isIP(hostname) === 4 && hostname.startsWith("127."));
}

function mailProblems(values: SettingsInput): string[] {
  if (values["smtp.host"] === undefined) {
    const lost = (["smtp.user", "smtp.password", "smtp.fromAddress"] as const).filter((name) => values[name]);
    return lost.map((name) => `infisical:${name}: not used without smtp.host`);
  }
  const missing = values["smtp.fromAddress"] === undefined ? ["infisical:smtp.fromAddress: smtp.host needs it"] : [];
  const without = values["server.egress"]
    ? []
    : ["infisical:smtp.host: no mail leaves without a way out (server.egress)"];
  return [...missing, ...without];
}

function onlyOnDocker(values: SettingsInput): string[] {
  const asked = [
    ...(values["server.egress"] ? [] : ["server.egress"]),
    ...(values["server.readOnlyRoot"] ? ["server.readOnlyRoot"] : []),
    ...(values["tls.mode"] === "off" ? [] : ["tls.mode"]),
    ...(["server.trustedProxies", "server.caFile", "postgres.uri", "redis.uri", "smtp.host"] as const).filter(
      (name) => values[name] !== undefined,
    ),
  ];
  return asked.map((name) => `infisical:${name}: only with target docker (target now: ${values.target})`);
}
