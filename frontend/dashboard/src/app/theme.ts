import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const KEY = "pulseboard-theme";
const ORDER: readonly Theme[] = ["system", "light", "dark"];
const listeners = new Set<() => void>();
let theme: Theme = readTheme();

function readTheme(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system"; // No storage in this browser: the theme holds for this page.
  }
}

export function applyTheme(): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function setTheme(next: Theme): void {
  theme = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // As above.
  }
  applyTheme();
  for (const listener of listeners) listener();
}

/** The chosen theme, and what chooses the next one. */
export function useTheme(): [Theme, () => void] {
  const current = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => theme,
  );
  return [current, () => setTheme(ORDER[(ORDER.indexOf(current) + 1) % ORDER.length] ?? "system")];
}
