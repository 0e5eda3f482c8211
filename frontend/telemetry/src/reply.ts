/** What the server's answers mean for the pulses that were sent. */

import type { Problem, Pulse, Standing } from "./api.ts";

/** What came back for one request; `status` 0 when nothing did. */
export interface Reply {
  status: number;
  /** The body, if it is JSON; else `undefined`. */
  body?: unknown;
  /** ms to wait, from `Retry-After`; 0 without. */
  retryAfter: number;
  /** What to say of it to a person, where it is not what was hoped for. */
  why: string;
}

/** What the server says of one pulse: counted, refused for good (`problem`), or nothing final. */
export type Fate = (Standing & { problem?: never }) | { problem: Problem } | null;

/** A request that is refused as a whole. */
export interface Refusal {
  problem: Problem;
  /** Not in the server's words: something else answers, or there is a defect. */
  isOdd: boolean;
  /** Perhaps for one pulse of it. */
  isDivisible: boolean;
}

/** What becomes of a request; `null`: it is to be sent again as it is. */
export type Verdict = Fate[] | Refusal | null;

/** Statuses of 4xx that speak of the moment, or of the token, and not of the request. */
const OF_THE_MOMENT = [401, 408, 425, 429];
/** Statuses that one pulse among many may have caused. */
const OF_A_PULSE = [400, 413, 422];

export function judge({ status, body, why }: Reply, pulses: readonly Pulse[]): Verdict {
  if (status === 200) return fatesIn(body, pulses);
  if (status !== 500 && !isFinal(status)) return null;
  const isOdd = status === 500 || !isProblem(body) || body.status !== status;
  return {
    problem: isOdd ? { type: "about:blank", title: why, status } : body,
    isOdd,
    isDivisible: isOdd || OF_A_PULSE.includes(status),
  };
}

/** One fate for each pulse, or `null` if this is not the server's answer to them. */
function fatesIn(body: unknown, pulses: readonly Pulse[]): Fate[] | null {
  const results: unknown = (body as { results?: unknown } | null | undefined)?.results;
  if (!Array.isArray(results) || results.length !== pulses.length) return null;
  // The server cannot repeat an id that it could not read.
  const areTheirs = pulses.every(({ pulse_id }, index) =>
    [pulse_id, null].includes(results[index]?.pulse_id),
  );
  return areTheirs ? results.map(fateOf) : null;
}

function fateOf(result: { status: unknown; problem?: unknown }): Fate {
  const { status, problem } = result;
  const isDropped = status === "rejected" && isProblem(problem) && isFinal(problem.status);
  const isFinalWord = isDropped || status === "recorded" || status === "duplicate";
  return isFinalWord ? (result as Fate) : null;
}

function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && !OF_THE_MOMENT.includes(status);
}

function isProblem(body: unknown): body is Problem {
  const { type, status } = (body ?? {}) as Partial<Problem>;
  return typeof type === "string" && typeof status === "number";
}

/** Nobody means more than this by `Retry-After`. */
const LONGEST_WAIT_MS = 24 * 3600 * 1000;

/**
 * ms to wait after a `Retry-After` of seconds or of an HTTP date; 0 where it says neither.
 * A date is the server's, so it is held against the server's `Date` where that can be read.
 */
export function retryAfterMs(headers: Headers, now: number): number {
  const value = headers.get("Retry-After") ?? "";
  const ms = /^\d+$/.test(value)
    ? Number(value) * 1000
    : Date.parse(value) - (Date.parse(headers.get("Date") ?? "") || now);
  return ms > 0 ? Math.min(ms, LONGEST_WAIT_MS) : 0;
}
