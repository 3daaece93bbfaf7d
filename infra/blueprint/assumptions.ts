/** What is assumed of the server that the blueprint is for. */
export interface Assumptions {
  /** Whether a licence key is configured; without one a free server is assumed. */
  licensed: boolean;
  /** The time to compare ends of grants with. Default: now. */
  now?: Date;
}
