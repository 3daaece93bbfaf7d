/**
 * All requests of this process, seen and cut at will: it stands between the providers and the server, so that a table
 * can let any one of them die at any request. The provider process, the CLI and the server are one process here, which
 * is what makes hundreds of cases affordable.
 */
export interface Cut {
  /** Which request: its number, counted from 1, or the first of which this is true. */
  request: number | ((request: SeenRequest) => boolean);
  /** Before the server carried it out, or after. */
  when: "before" | "after";
  /** Who dies: `provider` never learns of an answer any more; `server` gives none any more; `cli` is told by {@link Cut.onCut}. */
  victim: "provider" | "server" | "cli";
  onCut: () => void;
}

export interface SeenRequest {
  method: string;
  path: string;
}

export class Wire {
  readonly requests: SeenRequest[] = [];
  /** Is shown a copy of every answer, also of those that reach nobody. */
  tap: (request: SeenRequest, response: Response) => void = () => {};
  private readonly real = globalThis.fetch;
  private readonly underway = new Set<Promise<unknown>>();
  private cut: Cut | undefined;
  private dead = false;

  /** Takes the place of `fetch`. */
  constructor() {
    globalThis.fetch = (input, init) => this.pass(input, init);
  }

  /** Counts from 1 again, and cuts as told. */
  arm(cut: Cut | undefined): void {
    this.requests.length = 0;
    this.cut = cut;
    this.dead = false;
  }

  /** Waits until the server has carried out what reached it, and lets everybody live again. */
  async heal(): Promise<void> {
    while (this.underway.size > 0) await Promise.allSettled(this.underway);
    this.arm(undefined);
  }

  /** Gives `fetch` back. */
  close(): void {
    globalThis.fetch = this.real;
  }

  private async pass(input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    const cut = this.cut;
    if (this.dead) return this.unanswered(cut);
    const url = new URL(input instanceof Request ? input.url : input);
    const request = { method: init?.method ?? "GET", path: url.pathname };
    this.requests.push(request);
    const mine = this.isCutAt(request);
    if (mine && cut?.when === "before") {
      this.kill(cut);
      if (this.dead) return this.unanswered(cut);
    }
    const answering = this.real(input, init);
    this.underway.add(answering);
    const response = await answering.finally(() => this.underway.delete(answering));
    this.tap(request, response.clone());
    if (mine && cut?.when === "after") this.kill(cut);
    return this.dead ? this.unanswered(cut) : response;
  }

  private isCutAt(request: SeenRequest): boolean {
    const where = this.cut?.request;
    return typeof where === "function" ? where(request) : where === this.requests.length;
  }

  private kill(cut: Cut): void {
    // A provider outlives the CLI, and goes on with what it was doing.
    this.dead = cut.victim !== "cli";
    cut.onCut();
  }

  private unanswered(cut: Cut | undefined): Promise<Response> {
    if (cut?.victim === "server") {
      throw Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error(), { code: "ECONNRESET" }) });
    }
    return new Promise(() => {});
  }
}
