import { beforeEach, expect, test, vi } from "vitest";
import { elapsed } from "./elapsed";
import { ageOf, oldest, readingOf, statusOf } from "./freshness";

const headers = (age: number, status = "fresh") =>
  new Headers({
    "X-Data-Freshness-Seconds": String(age),
    "X-Data-Status": status,
    "X-Refresh-Id": "7",
    "X-Computed-At": "2026-02-10T07:35:00Z",
  });

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-02-10T07:36:00Z") });
});

test("figures grow old without a request, from the age that the server named", () => {
  const reading = readingOf(headers(30));
  expect(statusOf(reading)).toBe("fresh");

  vi.advanceTimersByTime(90_000);
  expect(ageOf(reading)).toBeCloseTo(120);
  expect(statusOf(reading)).toBe("fresh");

  vi.advanceTimersByTime(1_000);
  expect(statusOf(reading)).toBe("stale");

  vi.advanceTimersByTime(179_000);
  expect(statusOf(reading)).toBe("stale");
  vi.advanceTimersByTime(1_000);
  expect(statusOf(reading)).toBe("outdated");
});

test("the viewer's clock has no part in it: wrong by years, the age is the server's", () => {
  vi.setSystemTime(new Date("1999-01-01T00:00:00Z"));
  elapsed();
  const reading = readingOf(headers(10));
  expect(ageOf(reading)).toBeCloseTo(10);
  vi.advanceTimersByTime(5_000);
  expect(ageOf(reading)).toBeCloseTo(15);
});

test("a clock that is set back does not make figures younger", () => {
  const reading = readingOf(headers(0));
  vi.advanceTimersByTime(100_000);
  elapsed();
  vi.setSystemTime(Date.now() - 3_600_000);
  vi.advanceTimersByTime(30_000);
  expect(ageOf(reading)).toBeCloseTo(130);
});

test("an hour of sleep, which only the wall clock has seen, counts", () => {
  const reading = readingOf(headers(0));
  vi.setSystemTime(Date.now() + 3_600_000);
  expect(statusOf(reading)).toBe("outdated");
});

test("a server that is stricter has the last word", () => {
  expect(statusOf(readingOf(headers(45, "stale")))).toBe("stale");
  expect(statusOf(readingOf(headers(400, "stale")))).toBe("outdated");
});

test("an answer that does not say how old it is, is no answer", () => {
  const without = (name: string) => {
    const some = headers(5);
    some.delete(name);
    return () => readingOf(some);
  };
  expect(without("X-Data-Freshness-Seconds")).toThrow("how old");
  expect(without("X-Computed-At")).toThrow("how old");
});

test("the oldest of several speaks for the page", () => {
  const young = readingOf(headers(5));
  const old = readingOf(headers(50));
  expect(oldest([young, undefined, old])).toBe(old);
  expect(oldest([undefined])).toBeUndefined();
});
