import { refusal, type Fault } from "../api/fault";

/** The object of an update is not there any more; only a refresh can take it out of the state. */
export function gone(): Fault {
  return refusal("it is gone from the server. Run `pulumi refresh`, then `pulumi up`; `npm run up` does both.");
}
