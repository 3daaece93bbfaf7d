import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";

/** Addresses for documentation: nothing real has them. */
const HERE = "198.51.100.1";
export const OUTSIDE_ADDRESS = "198.51.100.2";
export const OUTSIDE_PORT = 8099;

const NAMESPACE = "infisical-outside";

/** Notes every connection and every datagram that arrives, one a line. */
const LISTENER = `
  require("node:net").createServer((socket) => { socket.on("error", () => {}); console.log("tcp"); socket.end(); })
    .listen(${OUTSIDE_PORT}, "${OUTSIDE_ADDRESS}", () => console.log("listening"));
  require("node:dgram").createSocket("udp4").on("message", () => console.log("udp")).bind(53, "${OUTSIDE_ADDRESS}");
`;

/** Why this machine cannot make namespaces; nothing when it can. */
export function namespaceObstacle(): string | undefined {
  if (process.platform !== "linux") return "no network namespaces on this system";
  if (process.getuid?.() !== 0) return "only root makes network namespaces";
  return existsSync("/usr/sbin/ip") || existsSync("/sbin/ip") ? undefined : "the program ip is not there";
}

/** A machine next to this one that containers with a way out can reach: a namespace behind a pair of interfaces. */
export class Outside {
  private readonly seen: string[] = [];

  private constructor(private readonly listener: ChildProcess) {
    listener.stdout?.on("data", (data: Buffer) => this.seen.push(...data.toString().trim().split("\n")));
  }

  static async open(): Promise<Outside> {
    Outside.remove();
    ip("netns", "add", NAMESPACE);
    ip("link", "add", "outside0", "type", "veth", "peer", "name", "outside1", "netns", NAMESPACE);
    ip("addr", "add", `${HERE}/30`, "dev", "outside0");
    ip("link", "set", "outside0", "up");
    ip("-n", NAMESPACE, "addr", "add", `${OUTSIDE_ADDRESS}/30`, "dev", "outside1");
    ip("-n", NAMESPACE, "link", "set", "outside1", "up");
    ip("-n", NAMESPACE, "route", "add", "default", "via", HERE);
    const words = ["netns", "exec", NAMESPACE, process.execPath, "-e", LISTENER];
    const listener = spawn("ip", words, { stdio: ["ignore", "pipe", "inherit"] });
    const outside = new Outside(listener);
    if (listener.stdout !== null) await once(listener.stdout, "data");
    outside.forget();
    return outside;
  }

  /** What arrived since {@link forget}. */
  arrived(): string[] {
    return [...this.seen];
  }

  forget(): void {
    this.seen.length = 0;
  }

  async close(): Promise<void> {
    this.listener.kill("SIGKILL");
    await once(this.listener, "close");
    Outside.remove();
  }

  private static remove(): void {
    if (existsSync(`/var/run/netns/${NAMESPACE}`)) ip("netns", "del", NAMESPACE);
    if (existsSync("/sys/class/net/outside0")) ip("link", "del", "outside0");
  }
}

/** A namespace in which everything that is not for the machine itself goes into a dead end that counts it. */
export class DeadEnd {
  private constructor(readonly name: string) {}

  static open(name: string): DeadEnd {
    ip("netns", "add", name);
    ip("-n", name, "link", "set", "lo", "up");
    // A pair of which the other end does nothing; without ARP, packets go out at once.
    ip("-n", name, "link", "add", "deadend", "type", "veth", "peer", "name", "nowhere");
    ip("-n", name, "link", "set", "nowhere", "up");
    ip("-n", name, "link", "set", "deadend", "arp", "off");
    ip("-n", name, "addr", "add", `${HERE}/24`, "dev", "deadend");
    ip("netns", "exec", name, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1");
    ip("-n", name, "link", "set", "deadend", "up");
    ip("-n", name, "route", "add", "default", "dev", "deadend");
    return new DeadEnd(name);
  }

  /** The words that run a command in it. */
  command(...words: string[]): [string, string[]] {
    return ["nsenter", [`--net=/var/run/netns/${this.name}`, ...words]];
  }

  /** Packets that something in it tried to send out. */
  attempts(): number {
    const [program, words] = this.command("cat", "/proc/net/dev");
    const line = execFileSync(program, words, { encoding: "utf8" })
      .split("\n")
      .find((one) => one.includes("deadend:"));
    return Number(line?.split(":")[1]?.trim().split(/\s+/)[9]);
  }

  close(): void {
    ip("netns", "del", this.name);
  }
}

function ip(...words: string[]): void {
  execFileSync("ip", words, { stdio: ["ignore", "ignore", "pipe"] });
}
