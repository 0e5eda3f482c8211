import { expect, test } from "vitest";
import { linePath, ticksTo } from "./scale";

test.each([
  [0, [0, 1]],
  [4, [0, 1, 2, 3, 4]],
  [7, [0, 2, 4, 6, 8]],
  [100, [0, 25, 50, 75, 100]],
  [0.3, [0, 0.1, 0.2, 0.3]],
])("ticks up to %d are round and reach it", (most, ticks) => {
  expect(ticksTo(most)).toEqual(ticks);
});

test("a line has a gap where there is no value", () => {
  const at = (x: number) => ({ x, y: 1 });
  expect(linePath([at(0), at(1), null, at(3)])).toBe("M0.0 1.0L1.0 1.0M3.0 1.0");
  expect(linePath([])).toBe("");
});
