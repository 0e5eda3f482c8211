import { useCallback, useMemo } from "react";
import { useLocation, useSearch } from "wouter";

export type Changes = Record<string, string | number | null>;

/**
 * What is kept in the address: it survives a reload and can be sent to a colleague.
 *
 * `change` sets parameters, or takes them out with null or an empty value; with `replace` the
 * former address is not kept for going back, as is right while somebody is typing.
 */
export function useAddress(): [URLSearchParams, (changes: Changes, replace?: boolean) => void] {
  const [path, go] = useLocation();
  const search = useSearch();
  const parameters = useMemo(() => new URLSearchParams(search), [search]);
  const change = useCallback(
    (changes: Changes, replace = false) => {
      const next = new URLSearchParams(window.location.search);
      for (const [name, value] of Object.entries(changes)) {
        if (value === null || value === "") next.delete(name);
        else next.set(name, String(value));
      }
      const text = next.toString();
      go(text ? `${path}?${text}` : path, { replace });
    },
    [go, path],
  );
  return [parameters, change];
}

/** A whole number from the address, or null when there is none. */
export function numberIn(parameters: URLSearchParams, name: string): number | null {
  const text = parameters.get(name);
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
