/** The inputs of a container that matter here. */
export interface ContainerInputs {
  ports?: { internal?: number; external?: number; ip?: string }[];
  publishAllPorts?: boolean;
  networkMode?: string;
  envs?: string[];
  labels?: { label?: string; value?: string }[];
}

/** Label of a container that ends TLS itself, such as a reverse proxy: `true`. */
export const TLS_LABEL = "infisical-pulumi.tls";

/** @returns one message for each way in which a container is reached from other machines without TLS. */
export function exposedWithoutTls(container: ContainerInputs): string[] {
  if (endsTls(container)) return [];
  const remedy = "Bind it to 127.0.0.1, or put TLS before it";
  const open = (container.ports ?? []).filter(({ ip }) => !isLoopback(ip));
  return [
    ...open.map(
      ({ internal, external, ip }) =>
        `port ${external ?? internal ?? "?"} is published on ${ip ?? "all addresses"} without TLS. ${remedy}.`,
    ),
    ...(container.publishAllPorts === true ? [`all ports are published on all addresses without TLS. ${remedy}.`] : []),
    ...(container.networkMode === "host" ? ["it uses the host's network, so its ports are open without TLS."] : []),
  ];
}

function endsTls({ envs = [], labels = [] }: ContainerInputs): boolean {
  // The stack's front door speaks HTTPS when it has a certificate.
  const itself = envs.some((line) => line === "HTTPS_ENABLED=true" || line.startsWith("FRONT_CERTIFICATE=/"));
  return itself || labels.some(({ label, value }) => label === TLS_LABEL && value === "true");
}

/** No address means all of them. */
function isLoopback(ip: string | undefined): boolean {
  return ip !== undefined && (/^127\.\d+\.\d+\.\d+$/.test(ip) || ip === "::1");
}
