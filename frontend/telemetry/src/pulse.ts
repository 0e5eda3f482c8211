import type { Interval, Place, Pulse } from "./api.ts";
import { uuid7 } from "./uuid.ts";

/** What a pulse says, but for where, when and under which id. */
export interface PulseContent {
  duration_delta: number;
  watch_time?: number;
  completed?: true;
  played?: Interval[];
}

/** A pulse with the id that it keeps for all its tries; `now` in ms since 1970. */
export function makePulse({ module, resource }: Place, content: PulseContent, now: number): Pulse {
  return {
    module,
    resource,
    pulse_id: uuid7(now),
    ...content,
    occurred_at: new Date(now).toISOString(),
  };
}

/** Raises where the ids of a place cannot be any of the server's. */
export function checkPlace(place: Place): void {
  for (const name of ["module", "resource"] as const) {
    const id = place[name];
    if (!Number.isSafeInteger(id) || id < 1) {
      throw new TypeError(`${name} must be a whole number from 1, not ${id}`);
    }
  }
}
