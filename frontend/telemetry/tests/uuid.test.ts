import fc from "fast-check";
import { test as base, expect, vi } from "vitest";

/** Each test has a page of its own. */
const test = base.extend<{ uuid7: typeof import("../src/uuid.ts").uuid7 }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names out of it
  uuid7: async ({}, use) => {
    vi.resetModules();
    await use((await import("../src/uuid.ts")).uuid7);
  },
});

const SHAPE = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function msIn(id: string): number {
  return Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
}

test("has the version, the variant and the time of RFC 9562", ({ uuid7 }) => {
  let now = Date.UTC(2026, 1, 10);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e11 }), (step) => {
      now += step;
      const id = uuid7(now + 0.5);
      expect(id).toMatch(SHAPE);
      expect(msIn(id)).toBe(now);
    }),
  );
});

test("is greater than all before it, and random, whatever the clock does", ({ uuid7 }) => {
  let last = "";
  const ends = new Set<string>();
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3e12 }), (now) => {
      for (let made = 0; made < 200; made++) {
        const id = uuid7(now);
        expect(id > last).toBe(true);
        expect(id).toMatch(SHAPE);
        last = id;
        ends.add(id.slice(-15));
      }
    }),
  );
  expect(ends.size).toBe(100 * 200);
});

test("does not run out within a millisecond", ({ uuid7 }) => {
  const now = 4e12;
  const ids = Array.from({ length: 10_000 }, () => uuid7(now));
  expect(new Set(ids).size).toBe(10_000);
  expect([...ids].sort()).toEqual(ids);
  expect(msIn(ids[9999] as string) - now).toBe(2);
});
