import { elapsed } from "./elapsed";

export type DataStatus = "fresh" | "stale" | "outdated";

export const STALE_SECONDS = 120;
export const OUTDATED_SECONDS = 300;

/** How old figures were when they came, by the server's clock, and when that was by ours. */
export interface Reading {
  refreshId: number;
  computedAt: string;
  /** Age in seconds at reception. */
  age: number;
  /** The server's word on it; an installation can be stricter than two and five minutes. */
  status: DataStatus;
  /** `elapsed()` at reception. */
  receivedAt: number;
}

const SEVERITY: Record<DataStatus, number> = { fresh: 0, stale: 1, outdated: 2 };

/**
 * From the headers of an answer, which also a 304 carries.
 *
 * @throws Error when they do not say how old it is: nobody could tell old from new then
 */
export function readingOf(headers: Headers): Reading {
  const computedAt = headers.get("X-Computed-At") ?? "";
  const age = Number(headers.get("X-Data-Freshness-Seconds") ?? Number.NaN);
  if (Number.isNaN(age) || Number.isNaN(Date.parse(computedAt))) {
    throw new Error("The answer does not say how old its figures are.");
  }
  const status = headers.get("X-Data-Status");
  return {
    refreshId: Number(headers.get("X-Refresh-Id") ?? 0),
    computedAt,
    age: Math.max(0, age),
    status: status === "stale" || status === "outdated" ? status : "fresh",
    receivedAt: elapsed(),
  };
}

/** Age in seconds now, without asking anybody. */
export function ageOf(reading: Reading, now: number = elapsed()): number {
  return reading.age + Math.max(0, now - reading.receivedAt) / 1000;
}

export function statusOf(reading: Reading, now: number = elapsed()): DataStatus {
  const age = ageOf(reading, now);
  const own = age > OUTDATED_SECONDS ? "outdated" : age > STALE_SECONDS ? "stale" : "fresh";
  return SEVERITY[own] >= SEVERITY[reading.status] ? own : reading.status;
}

/** The oldest of them, which speaks for a page that shows them all. */
export function oldest(
  readings: readonly (Reading | undefined)[],
  now?: number,
): Reading | undefined {
  let found: Reading | undefined;
  for (const reading of readings) {
    if (reading && (!found || ageOf(reading, now) > ageOf(found, now))) found = reading;
  }
  return found;
}
