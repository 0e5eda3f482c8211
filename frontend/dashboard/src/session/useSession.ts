import { useSyncExternalStore } from "react";
import { type Me, type SessionState, session } from "./session";

export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, session.getState);
}

/** Who is signed in; to be used on pages that are only shown then. */
export function useMe(): Me {
  const state = useSession();
  if (!("me" in state)) throw new Error("Nobody is signed in.");
  return state.me;
}
