import type { Ports } from "./ports.ts";
import type { Store } from "./store.ts";

/** A tab that waits longer for its turn goes ahead: the server counts each pulse once anyway. */
const LONGEST_TURN_MS = 60_000;

/**
 * Do `work` while no other tab does it under this name. Gives 0 once it is done, or the ms after
 * which to ask again. Where there are no locks, a claim in the store takes their place.
 */
export async function alone(
  { locks, after }: Pick<Ports, "locks" | "after">,
  store: Pick<Store, "claim" | "unclaim">,
  name: string,
  work: () => Promise<void>,
): Promise<number> {
  if (!locks) {
    const taken = await store.claim(LONGEST_TURN_MS);
    if (!taken) {
      await work();
      await store.unclaim();
    }
    return taken;
  }
  let hasBegun = false;
  const waiting = new AbortController();
  const callOff = after(LONGEST_TURN_MS, () => waiting.abort());
  const turn = () => {
    hasBegun = true;
    callOff();
    return work();
  };
  try {
    await locks.request(name, { signal: waiting.signal }, turn);
  } catch {
    // Its time is up, or the browser refuses locks, as in some frames.
    if (!hasBegun) await turn();
  }
  return 0;
}
