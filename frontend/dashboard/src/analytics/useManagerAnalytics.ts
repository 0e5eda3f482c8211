import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { Problem, SignedOut } from "@/http/problem";
import { oldest, type Reading } from "@/polling/freshness";
import { figures, pollLoop } from "./client";
import type { Endpoint } from "./endpoints";
import type { Figures } from "./figures";

type Endpoints = Record<string, Endpoint<unknown>>;
type AnswerOf<E> = E extends Endpoint<infer T> ? T : never;

/** Sooner than the interval, while nothing has been computed; never faster than this. */
const LEAST_WAIT = 5_000;

export interface ManagerAnalytics<E extends Endpoints> {
  /** What came last under each name; stays when a later request fails. */
  data: { [Name in keyof E]: AnswerOf<E[Name]> | undefined };
  /** Rows in all, of the addresses that are paged. */
  totals: { [Name in keyof E]: number | null };
  /** Nothing to show yet, and no failure either. */
  loading: boolean;
  /** What is shown belongs to what was asked for before; the new rows are on their way. */
  changing: boolean;
  /** Of the latest round; null when all of it succeeded. */
  error: unknown;
  /** The oldest of what is shown. */
  reading: Reading | undefined;
  /** Asks for everything again, now. */
  reload: () => Promise<void>;
}

/**
 * The figures of a page, asked for again at their own intervals while somebody can see them.
 *
 * @param endpoints by a name of the page's choosing
 * @param options.keep shows the rows of the former address until those of a new one are there
 */
export function useManagerAnalytics<E extends Endpoints>(
  endpoints: E,
  options: { keep?: boolean } = {},
): ManagerAnalytics<E> {
  const client = useQueryClient();
  const names = Object.keys(endpoints);
  const asked = Object.values(endpoints);
  const addresses = JSON.stringify(asked.map(({ path, every }) => [path, every]));

  const results = useQueries({
    queries: asked.map(({ path, every }) => ({
      queryKey: ["figures", path],
      queryFn: ({ signal }: { signal: AbortSignal }) => figures.get<unknown>(path, signal),
      staleTime: every,
    })),
  });

  useEffect(() => {
    const watched = JSON.parse(addresses) as [string, number][];
    const ends = watched.map(([path, every]) =>
      pollLoop.watch(path, every, () =>
        client
          .fetchQuery({
            queryKey: ["figures", path],
            queryFn: ({ signal }) => figures.get<unknown>(path, signal),
            staleTime: 0,
          })
          .then(() => null, waitAfter),
      ),
    );
    return () => {
      for (const end of ends) end();
    };
  }, [addresses, client]);

  const failed = results.find((result) => result.error)?.error;
  useEffect(() => {
    const wait = waitAfter(failed);
    if (wait === null) return;
    for (const [path] of JSON.parse(addresses) as [string, number][]) pollLoop.hasten(path, wait);
  }, [failed, addresses]);

  const reload = useCallback(async () => {
    const paths = (JSON.parse(addresses) as [string, number][]).map(([path]) => path);
    for (const path of paths) pollLoop.asked(path);
    await Promise.all(
      paths.map((path) => client.refetchQueries({ queryKey: ["figures", path], exact: true })),
    );
  }, [addresses, client]);

  // What each name showed last, for as long as the answer of its new address is awaited.
  const last = useRef<Record<string, Figures<unknown>>>({});
  const shown = results.map(
    ({ data, isPending }, place) =>
      data ?? (options.keep && isPending ? last.current[names[place] ?? ""] : undefined),
  );
  useEffect(() => {
    results.forEach(({ data }, place) => {
      if (data) last.current[names[place] ?? ""] = data;
    });
  });

  const pick = <T>(of: (figures: Figures<unknown> | undefined) => T) =>
    Object.fromEntries(shown.map((figure, place) => [names[place], of(figure)]));

  return {
    data: pick((figure) => figure?.data) as ManagerAnalytics<E>["data"],
    totals: pick((figure) => figure?.total ?? null) as ManagerAnalytics<E>["totals"],
    loading: results.some(({ isPending }, place) => isPending && !shown[place]),
    changing: results.some(({ data }, place) => !data && shown[place]),
    // Who has to sign in again is told so by the dialog that asks for it.
    error: failed instanceof SignedOut ? null : (failed ?? null),
    reading: oldest(shown.map((figure) => figure?.reading)),
    reload,
  };
}

/** Milliseconds that the server asks to wait while it has nothing yet; null for the usual interval. */
function waitAfter(error: unknown): number | null {
  if (!(error instanceof Problem) || error.code !== "not-computed") return null;
  return Math.max(LEAST_WAIT, (error.retryAfter ?? 0) * 1000);
}
