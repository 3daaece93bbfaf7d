import { urlOf } from "../settings";
import type { Finding, Patient } from "./patient";

/** Seconds: tokens bear times, so a server whose clock is off refuses what is good. */
const [NOTICEABLE, HARMFUL] = [5, 60];

/** How far the clocks of the server and of the Docker host are from this machine's. */
export async function checkClock({ workspace, engine }: Patient): Promise<Finding[]> {
  const clocks: Finding[] = [];
  const date = await fetch(new URL("/api/status", urlOf(workspace)), { signal: AbortSignal.timeout(5_000) }).then(
    ({ headers }) => headers.get("date"),
    () => null,
  );
  if (date !== null) clocks.push(compare("clock of the server", new Date(date)));
  const info = (await engine?.info().catch(() => undefined)) as { SystemTime?: string } | undefined;
  if (info?.SystemTime !== undefined) clocks.push(compare("clock of the Docker host", new Date(info.SystemTime)));
  return clocks.length > 0
    ? clocks
    : [{ check: "clock", status: "unknown", seen: "nothing answers that tells the time" }];
}

function compare(check: string, other: Date): Finding {
  const seconds = Math.abs(Date.now() - other.getTime()) / 1_000;
  const seen = `${seconds < NOTICEABLE ? "less than 5" : Math.round(seconds)} s off`;
  if (seconds < NOTICEABLE) return { check, status: "ok", seen };
  const remedy = "set the clocks by a time service (chrony, systemd-timesyncd)";
  return { check, status: seconds < HARMFUL ? "warn" : "bad", seen, remedy };
}
