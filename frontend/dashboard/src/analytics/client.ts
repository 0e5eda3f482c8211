import { QueryClient } from "@tanstack/react-query";
import { PollLoop } from "@/polling/loop";
import { session } from "@/session/session";
import { FiguresClient } from "./figures";

/** What this tab has in hand: one cache, one loop. */
export const figures = new FiguresClient(session.send);
export const pollLoop = new PollLoop();

/**
 * Nothing is asked for behind the loop's back: no refetch on focus or on reconnecting, no retries.
 * The loop does the first two, and shows what failed until it tries again.
 */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: false,
        networkMode: "always",
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        gcTime: 10 * 60_000,
        staleTime: 30_000,
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

export const queryClient = makeQueryClient();
