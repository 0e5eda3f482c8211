import { beforeEach, expect, test, vi } from "vitest";
import { setHidden, setOnline } from "@/testing/show";
import { PollLoop } from "./loop";

beforeEach(() => {
  vi.useFakeTimers();
});

const asking = () => vi.fn(() => Promise.resolve<number | null>(null));

test("asks at its interval, within a tenth of it", async () => {
  for (const [luck, at] of [
    [0, 54_000],
    [0.5, 60_000],
    [0.999, 66_000],
  ] as const) {
    const poll = asking();
    const end = new PollLoop(() => luck).watch("a", 60_000, poll);
    await vi.advanceTimersByTimeAsync(at - 100);
    expect(poll).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(100);
    expect(poll).toHaveBeenCalledOnce();
    end();
  }
});

test("goes on asking, and stops when nobody watches any more", async () => {
  const poll = asking();
  const end = new PollLoop(() => 0.5).watch("a", 60_000, poll);
  await vi.advanceTimersByTimeAsync(180_000);
  expect(poll).toHaveBeenCalledTimes(3);
  end();
  await vi.advanceTimersByTimeAsync(180_000);
  expect(poll).toHaveBeenCalledTimes(3);
});

test("asks once for what several watch, until the last of them has gone", async () => {
  const loop = new PollLoop(() => 0.5);
  const poll = asking();
  const ends = [loop.watch("a", 60_000, poll), loop.watch("a", 60_000, poll)];
  await vi.advanceTimersByTimeAsync(60_000);
  expect(poll).toHaveBeenCalledOnce();
  ends[0]?.();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(poll).toHaveBeenCalledTimes(2);
  ends[1]?.();
  expect(vi.getTimerCount()).toBe(0);
});

test("keeps what has one interval together in one round", async () => {
  const times: number[] = [];
  const loop = new PollLoop();
  for (const key of ["a", "b", "c"]) {
    loop.watch(key, 60_000, async () => {
      times.push(performance.now());
      return null;
    });
  }
  await vi.advanceTimersByTimeAsync(66_000);
  expect(times).toHaveLength(3);
  expect(new Set(times).size).toBe(1);
});

test("makes at most one request for each watch in an interval, whatever happens meanwhile", async () => {
  const loop = new PollLoop();
  const poll = asking();
  for (const key of ["a", "b", "c"]) loop.watch(key, 60_000, poll);
  for (let second = 0; second < 600; second += 1) {
    if (second % 7 === 0) setHidden(second % 2 === 0);
    if (second % 13 === 0) setOnline(second % 2 === 0);
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(poll.mock.calls.length).toBeLessThanOrEqual(3 * Math.ceil(600 / 54));
  expect(poll.mock.calls.length).toBeGreaterThan(0);
  setHidden(false);
  setOnline(true);
});

test.each([
  ["hidden", () => setHidden(true), () => setHidden(false)],
  ["offline", () => setOnline(false), () => setOnline(true)],
])("asks nothing while %s, and at once afterwards what is due", async (_word, leave, comeBack) => {
  const loop = new PollLoop(() => 0.5);
  const poll = asking();
  loop.watch("a", 60_000, poll);
  leave();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(poll).not.toHaveBeenCalled();
  comeBack();
  await vi.advanceTimersByTimeAsync(0);
  expect(poll).toHaveBeenCalledOnce();
});

test("coming back before it is due asks nothing yet", async () => {
  const loop = new PollLoop(() => 0.5);
  const poll = asking();
  loop.watch("a", 60_000, poll);
  await vi.advanceTimersByTimeAsync(10_000);
  setHidden(true);
  await vi.advanceTimersByTimeAsync(10_000);
  setHidden(false);
  await vi.advanceTimersByTimeAsync(39_000);
  expect(poll).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(poll).toHaveBeenCalledOnce();
});

test("never asks again while an answer is still out", async () => {
  const loop = new PollLoop(() => 0.5);
  let answer: (value: null) => void = () => undefined;
  const poll = vi.fn(() => new Promise<null>((resolve) => (answer = resolve)));
  loop.watch("a", 30_000, poll);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(poll).toHaveBeenCalledOnce();
  answer(null);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(poll).toHaveBeenCalledTimes(2);
});

test("asks sooner when it is told to, and later when it was asked in another way", async () => {
  const loop = new PollLoop(() => 0.5);
  const poll = asking();
  loop.watch("a", 60_000, poll);
  loop.hasten("a", 5_000);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(poll).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(50_000);
  loop.asked("a");
  await vi.advanceTimersByTimeAsync(59_000);
  expect(poll).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(poll).toHaveBeenCalledTimes(2);
});
