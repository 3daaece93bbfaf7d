import { badRequest } from "../http/api-error.js";
import { z } from "../http/route.js";

/** As stored and answered: another form than in requests. */
export interface TrustedIp {
  readonly type: "ipv4" | "ipv6";
  readonly prefix: number;
  readonly ipAddress: string;
}

export const trustedIpsSchema = z.object({ ipAddress: z.string().trim() }).array().min(1);

export const ANY_ADDRESS: readonly TrustedIp[] = [
  { type: "ipv4", prefix: 0, ipAddress: "0.0.0.0" },
  { type: "ipv6", prefix: 0, ipAddress: "::" },
];

/** @throws ApiError 400: a free server takes only "everywhere". */
export function storedTrustedIps(requested: readonly { readonly ipAddress: string }[]): TrustedIp[] {
  return requested.map(({ ipAddress }) => {
    if (ipAddress === "0.0.0.0/0") return { type: "ipv4", prefix: 0, ipAddress: "0.0.0.0" };
    if (ipAddress === "::/0") return { type: "ipv6", prefix: 0, ipAddress: "::" };
    throw badRequest(
      "Failed to add IP access range to service token due to plan restriction. Upgrade plan to add IP access range.",
    );
  });
}
