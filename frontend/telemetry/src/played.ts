import type { Interval } from "./api.ts";

/** A pulse carries at most so many intervals. */
export const MOST_INTERVALS = 100;

/** The server refuses media times beyond a day. */
const LONGEST_SECONDS = 86_400;

/**
 * Add what was played to `intervals`, joined to the last one where it goes on from there. Kept to
 * the millisecond; what is not within 0 and a day is cut off.
 */
export function addPlayed(intervals: Interval[], [from, to]: Interval): void {
  const start = toMs(Math.max(0, from));
  const end = toMs(Math.min(LONGEST_SECONDS, to));
  if (!(start < end)) return;
  const last = intervals.at(-1);
  const goesOn = last && start >= last[0] && start <= last[1];
  if (goesOn) last[1] = Math.max(last[1], end);
  else intervals.push([start, end]);
}

function toMs(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
