import fc from "fast-check";
import { expect, test } from "vitest";
import { uuid7 } from "../src/uuid.ts";

const SHAPE = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("has the version, the variant and the time of RFC 9562", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (now) => {
      const id = uuid7(now);
      expect(id).toMatch(SHAPE);
      expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(now);
    }),
  );
});

test("differs within a millisecond", () => {
  const ids = new Set(Array.from({ length: 10_000 }, () => uuid7(1_770_708_900_000)));
  expect(ids.size).toBe(10_000);
});
