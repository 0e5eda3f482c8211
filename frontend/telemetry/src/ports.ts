/** All that the package takes from its surroundings. */

export interface Ports {
  /** ms since 1970, as the user's clock shows it. */
  now(): number;
  /** ms that never jump back; only differences count. */
  elapsed(): number;
  /** Call once after so many ms; gives a function that calls it off. */
  after(ms: number, call: () => void): () => void;
  /** From 0 up to, but not including, 1. */
  random(): number;
  fetch: typeof fetch;
  /** `null` where there is none. */
  indexedDB: IDBFactory | null;
  /** `null` where there is none: plain HTTP, old browsers. */
  locks: Pick<LockManager, "request"> | null;
  /** `online`, `pagehide`, `pageshow` and signs of use come from here. */
  window: EventTarget;
  /** `visibilitychange` comes from here. */
  document: EventTarget & { readonly visibilityState: DocumentVisibilityState };
}

export function browserPorts(): Ports {
  return {
    now: Date.now,
    elapsed: () => performance.now(),
    after(ms, call) {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
    random: Math.random,
    fetch: fetch.bind(globalThis),
    indexedDB: globalThis.indexedDB ?? null,
    locks: globalThis.navigator?.locks ?? null,
    window,
    document,
  };
}
