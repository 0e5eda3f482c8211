import { expect, test } from "vitest";
import { plural, sayAge, sayDay, sayMinutes, saySince } from "./format";

test.each([
  [0, "0 seconds"],
  [1.9, "1 second"],
  [119, "1 minute"],
  [3_700, "1 hour"],
  [200_000, "2 days"],
])("an age of %d seconds", (seconds, words) => {
  expect(sayAge(seconds)).toBe(words);
});

test.each([
  [0, "0 min"],
  [45.25, "45.3 min"],
  [60, "1 h 0 min"],
  [119.6, "2 h 0 min"],
])("%d minutes", (minutes, words) => {
  expect(sayMinutes(minutes)).toBe(words);
});

test("how long ago is counted between two moments of the server's", () => {
  expect(saySince("2026-02-10T07:34:30Z", "2026-02-10T07:35:00Z")).toBe("just now");
  expect(saySince("2026-02-10T05:35:00Z", "2026-02-10T07:35:00Z")).toBe("2 hours ago");
  expect(saySince("2026-02-01T07:35:00Z", "2026-02-10T07:35:00Z")).toBe("9 days ago");
});

test("a UTC day stays that day, wherever the viewer is", () => {
  expect(sayDay("2026-02-10")).toMatch(/10/);
});

test("one and many", () => {
  expect([plural(1, "quiz", "quizzes"), plural(2, "quiz", "quizzes")]).toEqual([
    "1 quiz",
    "2 quizzes",
  ]);
});
