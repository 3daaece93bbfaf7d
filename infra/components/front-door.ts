import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { PROJECT_ROOT, type Settings } from "../config";
import { readPem } from "./server-environment";

const SCRIPT = "/front/main.mjs";
const CERTIFICATE = "/front/certificate.pem";
const KEY = "/front/key.pem";
const PORT = 8443;

/** The stack's port on the machine, led to a port of a container. */
export function published(settings: Settings, internal: number) {
  return {
    internal,
    external: settings["server.port"],
    ip: settings["server.bindAddress"],
    protocol: "tcp",
  };
}

/**
 * The container that passes requests on to the server: a small program in the server's own image, which has Node.js, so
 * that no further image has to be had. It gets none of the server's keys.
 */
export function frontDoor(settings: Settings, serverPort: number): Partial<docker.ContainerArgs> {
  const tls = settings["tls.mode"] === "own";
  const probe = `require("node:net").connect(${PORT},"127.0.0.1").once("connect",()=>process.exit(0)).once("error",()=>process.exit(1))`;
  return {
    entrypoints: ["node", SCRIPT],
    envs: [
      `FRONT_TO=http://infisical:${serverPort}`,
      `FRONT_PORT=${PORT}`,
      "NODE_OPTIONS=--max-old-space-size=96",
      ...(tls ? [`FRONT_CERTIFICATE=${CERTIFICATE}`, `FRONT_KEY=${KEY}`] : []),
    ],
    uploads: [
      { file: SCRIPT, content: readFileSync(join(PROJECT_ROOT, "infra", "front", "main.mjs"), "utf8") },
      ...(tls ? certificate(settings) : []),
    ],
    ports: [published(settings, PORT)],
    healthcheck: {
      tests: ["CMD", "node", "-e", probe],
      interval: "5s",
      timeout: "5s",
      retries: 15,
      startPeriod: "10s",
    },
    capabilities: { drops: ["ALL"] },
    wait: false,
  };
}

function certificate(settings: Settings): { file: string; content: pulumi.Input<string> }[] {
  const chain = readPem(settings["tls.certificateFile"] ?? "", "tls.certificateFile", "CERTIFICATE");
  const key = readPem(settings["tls.keyFile"] ?? "", "tls.keyFile", "PRIVATE KEY");
  return [
    { file: CERTIFICATE, content: chain },
    { file: KEY, content: pulumi.secret(key) },
  ];
}
