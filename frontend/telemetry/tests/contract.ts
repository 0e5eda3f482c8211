/** The fixture that the tests of the server read, too, and the part of it that a pulse must meet. */

import contract from "../contract/pulses.json" with { type: "json" };
import type { Pulse } from "../src/index.ts";

export { contract };

const FIELDS: Record<string, (value: unknown) => boolean> = {
  module: isId,
  resource: isId,
  pulse_id: (value) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(String(value)),
  duration_delta: (value) =>
    isWhole(value) && value >= 0 && value <= contract.limits.duration_delta,
  watch_time: (value) => typeof value === "number" && value >= 0 && value <= 1e12,
  completed: (value) => typeof value === "boolean",
  played: (value) =>
    Array.isArray(value) && value.length <= contract.limits.played && value.every(isInterval),
  occurred_at: (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(String(value)),
};

/** The field that makes the server refuse a pulse for its form alone; `null` if none does. */
export function faultOf(pulse: Pulse | Record<string, unknown>): string | null {
  for (const [name, value] of Object.entries(pulse)) {
    if (!FIELDS[name]?.(value)) return name;
  }
  return ["module", "resource", "duration_delta"].find((name) => !(name in pulse)) ?? null;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isId(value: unknown): boolean {
  return isWhole(value) && value >= 1;
}

function isInterval(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [from, to] = value as [number, number];
  return 0 <= from && from < to && to <= 86_400;
}
