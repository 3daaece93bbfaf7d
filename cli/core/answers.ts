import { at } from "../../infra/api/answer";
import { isFault } from "../../infra/api/fault";
import { send } from "../../infra/api/http";

/** Whether an Infisical API answers at this address. */
export async function answersAt(url: string): Promise<boolean> {
  try {
    return at(await send(url, { method: "GET", path: "/api/status", repeatable: false }), "message") === "Ok";
  } catch (thrown) {
    if (isFault(thrown)) return false;
    throw thrown;
  }
}
