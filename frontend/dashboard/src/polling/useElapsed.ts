import { useSyncExternalStore } from "react";
import { elapsed } from "./elapsed";

const TICK = 1000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = elapsed();

function tick(): void {
  now = elapsed();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = elapsed();
    timer = setInterval(tick, TICK);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

/** `elapsed()`, anew every second, by one timer for the whole page. */
export function useElapsed(): number {
  return useSyncExternalStore(subscribe, () => now);
}
