import { useState } from "react";
import { SignedOut, sayError } from "@/http/problem";
import { session } from "@/session/session";
import { figures } from "./client";
import { REFRESH_PATH } from "./endpoints";
import type { RefreshAnswer } from "./types";

/** Pauses between looks for the newer figures, in milliseconds: a quarter of a minute in all. */
const LOOKS = [700, 1000, 1500, 2500, 4000, 5500];

export interface Refresh {
  refreshing: boolean;
  /** How the last one went, for people; empty before the first. */
  outcome: string;
  refresh: () => Promise<void>;
}

/**
 * Has the server compute anew, and waits until its answers are of a later refresh.
 *
 * @param path an address of the page, to look whether newer figures are there
 * @param reload shows them
 */
export function useRefresh(path: string, reload: () => Promise<void>): Refresh {
  const [refreshing, setRefreshing] = useState(false);
  const [outcome, setOutcome] = useState("");

  const refresh = async () => {
    if (refreshing) return;
    setRefreshing(true);
    setOutcome("Asking for new figures …");
    try {
      const isNewer = await requestRefresh(path);
      await reload();
      setOutcome(
        isNewer
          ? "The figures are up to date."
          : "The server has not finished computing yet. The figures will follow by themselves.",
      );
    } catch (error) {
      // Who has to sign in again is told so by the dialog that asks for it.
      setOutcome(error instanceof SignedOut ? "" : `The refresh did not work. ${sayError(error)}`);
    } finally {
      setRefreshing(false);
    }
  };

  return { refreshing, outcome, refresh };
}

/** True once figures of a later refresh are there, false if they did not come in time. */
async function requestRefresh(path: string): Promise<boolean> {
  const response = await session.send(REFRESH_PATH, { method: "POST", body: {} });
  const answer = (await response.json()) as RefreshAnswer;
  if (answer.status === "recent") return true;
  for (const pause of LOOKS) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    const { reading } = await figures.get(path);
    if (reading.refreshId > answer.refresh_id) return true;
  }
  return false;
}
