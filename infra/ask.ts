import { request as requestOverHttp, type IncomingHttpHeaders } from "node:http";
import { request as requestOverHttps } from "node:https";
import { messageOf } from "./api/fault";

/** What a server said to one GET. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/**
 * One GET on a connection of its own, which follows no redirection. Not by `fetch`: where the other side hangs up on the
 * first one of a process, as Docker's proxy does while a server boots, that of Node 20 never hears of it, and would tell a
 * hang-up as silence.
 * @param within milliseconds for the whole answer
 * @throws an error with a `code`: the system's, TLS's or Node's; ETIMEDOUT when the answer is not there in time.
 */
export function ask(url: URL, within: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? requestOverHttps : requestOverHttp;
    const request = send(url, { agent: false, headers: { accept: "application/json" } }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => (text += piece));
      response.once("error", reject);
      response.once("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    const silence = Object.assign(new Error(`no answer in ${within / 1_000} s`), { code: "ETIMEDOUT" });
    const timer = setTimeout(() => request.destroy(silence), within);
    request.once("close", () => clearTimeout(timer));
    request.once("error", reject);
    request.end();
  });
}

/** As `ECONNREFUSED`; what asking threw, in one word where there is one. */
export function codeOf(thrown: unknown): string {
  return (thrown as { code?: string }).code ?? messageOf(thrown);
}
