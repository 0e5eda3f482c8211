import fc from "fast-check";
import { expect, test } from "vitest";
import type { Interval } from "../src/index.ts";
import { addPlayed } from "../src/played.ts";
import { faultOf } from "./contract.ts";

function played(...parts: Interval[]): Interval[] {
  const intervals: Interval[] = [];
  for (const part of parts) addPlayed(intervals, part);
  return intervals;
}

test.each([
  [
    "goes on",
    [
      [0, 1],
      [1, 2.5],
    ],
    [[0, 2.5]],
  ],
  [
    "goes on at a rounding",
    [
      [0, 1.0004],
      [1.0004, 2],
    ],
    [[0, 2]],
  ],
  [
    "leaps",
    [
      [0, 1],
      [5, 6],
    ],
    [
      [0, 1],
      [5, 6],
    ],
  ],
  [
    "goes back",
    [
      [5, 6],
      [0, 1],
    ],
    [
      [5, 6],
      [0, 1],
    ],
  ],
  [
    "goes back within",
    [
      [0, 10],
      [4, 6],
    ],
    [[0, 10]],
  ],
  ["stands still", [[3, 3]], []],
  ["runs backwards", [[3, 2]], []],
  ["is shorter than a millisecond", [[3, 3.0001]], []],
  [
    "is live",
    [
      [86_399, 86_401],
      [86_401, 86_402],
    ],
    [[86_399, 86_400]],
  ],
  ["starts before the beginning", [[-1, 1]], [[0, 1]]],
  [
    "does not know where it is",
    [
      [Number.NaN, 1],
      [1, Number.NaN],
    ],
    [],
  ],
] as [string, Interval[], Interval[]][])("a player that %s", (_, parts, expected) => {
  expect(played(...parts)).toEqual(expected);
});

test("covers just what was played, in a form that the server takes", () => {
  const part = fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 50 }));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
      const intervals = played(...parts.map(([from, length]): Interval => [from, from + length]));

      const seconds = (of: Interval[]) =>
        new Set(
          of.flatMap(([from, to]) => Array.from({ length: to - from }, (_, at) => from + at)),
        );
      expect(seconds(intervals)).toEqual(
        seconds(parts.map(([from, length]): Interval => [from, from + length])),
      );
      expect(faultOf({ module: 1, resource: 1, duration_delta: 0, played: intervals })).toBe(null);
    }),
  );
});
