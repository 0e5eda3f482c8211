/** What the tabs of one browser agree on: whose turn it is to refresh, and that somebody signed out. */

const LOCK = "pulseboard-refresh";
const CHANNEL = "pulseboard-session";

/** Runs `work` while no other tab runs such work. Without Web Locks only this tab waits for itself. */
export async function alone<T>(work: () => Promise<T>): Promise<T> {
  if (!("locks" in navigator) || !navigator.locks) return work();
  return navigator.locks.request(LOCK, work) as Promise<T>;
}

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(CHANNEL);

export function tellSignedOut(): void {
  channel?.postMessage("signed-out");
}

export function onSignedOutElsewhere(listener: () => void): () => void {
  const hear = (event: MessageEvent) => {
    if (event.data === "signed-out") listener();
  };
  channel?.addEventListener("message", hear);
  return () => channel?.removeEventListener("message", hear);
}
