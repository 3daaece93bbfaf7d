/** `real` is the thing itself; `stand-in` takes its place and is no such thing; `missing` will not be in the bundle. */
export type PartState = "real" | "stand-in" | "missing";

/** Something that a machine without internet needs, as it can be had here. */
export interface Part {
  /** Such as "image redis:7-alpine". */
  name: string;
  state: PartState;
  /** Version or digest; why it is missing, and what to do. */
  detail: string;
  /** Puts it into the bundle's folder. Nothing: it comes with another part. */
  gather?: (folder: string) => Promise<void>;
}

export function missing(name: string, detail: string): Part {
  return { name, state: "missing", detail };
}
