import { setTimeout as pause } from "node:timers/promises";
import { isStatus, isUncertain } from "./fault";
import { limits } from "./http";

/**
 * Finds an object, or creates it; when the answer of the creation was lost or somebody was faster, looks again before
 * it creates once more. So nothing is made twice, whatever happens to an answer.
 *
 * @param find gives the object, or nothing when it is not there.
 * @param create makes it. Its fault is thrown on unless it leaves open whether the object was made.
 */
export async function findOrCreate<T>(find: () => Promise<T | undefined>, create: () => Promise<T>): Promise<T> {
  const ATTEMPTS = 4;
  for (let attempt = 1; ; attempt += 1) {
    const found = await find();
    if (found !== undefined) return found;
    try {
      return await create();
    } catch (thrown) {
      // 400 is how this server says "exists already"; if so, the next look finds it.
      const open = isUncertain(thrown) || (isStatus(thrown, 400) && attempt === 1);
      if (!open || attempt === ATTEMPTS) throw thrown;
      await pause(isUncertain(thrown) ? limits.firstPause * attempt : 0);
    }
  }
}
