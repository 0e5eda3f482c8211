import { useSyncExternalStore } from "react";

/** Whether somebody can be looking, and whether there is a network. */
export function isOnline(): boolean {
  return navigator.onLine;
}

export function isPresent(): boolean {
  return document.visibilityState === "visible" && isOnline();
}

export function onPresenceChange(listener: () => void): () => void {
  document.addEventListener("visibilitychange", listener);
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    document.removeEventListener("visibilitychange", listener);
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

export function useOnline(): boolean {
  return useSyncExternalStore(onPresenceChange, isOnline);
}
