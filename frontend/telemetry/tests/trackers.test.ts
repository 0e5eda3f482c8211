/** What of the time in front of a page or a player is counted, and what is not. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Interval, Pulse } from "../src/index.ts";
import { faultOf } from "./contract.ts";
import { PLACE, type Tab, World } from "./world.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** What a browser's player shows and tells, moved by hand. */
class Player extends EventTarget {
  currentTime = 0;
  duration = Number.POSITIVE_INFINITY;
  paused = true;
  ended = false;
  seeking = false;
  readyState = 4;
  playbackRate = 1;
  readonly #world: World;

  constructor(world: World) {
    super();
    this.#world = world;
  }

  get element(): HTMLMediaElement {
    return this as unknown as HTMLMediaElement;
  }

  tell(type: string): void {
    this.dispatchEvent(new Event(type));
  }

  play(): void {
    this.paused = false;
    this.tell("playing");
  }

  pause(): void {
    this.paused = true;
    this.tell("pause");
  }

  /** Buffers, and goes on when `readyState` is 4 again. */
  wait(): void {
    this.readyState = 2;
    this.tell("waiting");
  }

  goOn(): void {
    this.readyState = 4;
    this.tell("playing");
  }

  async seek(to: number, ms = 50): Promise<void> {
    this.currentTime = to;
    this.seeking = true;
    this.tell("seeking");
    await this.#world.advance(ms);
    this.seeking = false;
    this.tell("seeked");
  }

  /** Time passes, in the steps in which a browser tells of it. */
  async run(ms: number, step = 250): Promise<void> {
    for (let left = ms; left > 0; left -= step) {
      const now = Math.min(step, left);
      await this.#world.advance(now);
      const moves = !this.paused && !this.ended && !this.seeking && this.readyState > 2;
      if (!moves) continue;
      this.currentTime += (now / SECOND) * this.playbackRate;
      if (this.currentTime >= this.duration) {
        this.currentTime = this.duration;
        this.ended = true;
        this.tell("ended");
      } else this.tell("timeupdate");
    }
  }
}

function setUp(): { world: World; tab: Tab; player: Player } {
  const world = new World();
  return { world, tab: world.tab(), player: new Player(world) };
}

async function counted(world: World): Promise<Pulse[]> {
  await world.advance(10);
  await world.advance(2 * SECOND);
  return world.server.countedOf(1);
}

function deltas(pulses: Pulse[]): number[] {
  return pulses.map(({ duration_delta }) => duration_delta);
}

function total(pulses: Pulse[]): number {
  return deltas(pulses).reduce((sum, delta) => sum + delta, 0);
}

function covered(pulses: Pulse[]): Interval[] {
  const joined: Interval[] = [];
  for (const [from, to] of pulses.flatMap(({ played = [] }) => played)) {
    const last = joined.at(-1);
    if (last && from === last[1]) last[1] = to;
    else joined.push([from, to]);
  }
  return joined;
}

describe("a player", () => {
  test("sends a heartbeat every 15 seconds while it plays, and the rest when it pauses", async () => {
    const { world, tab, player } = setUp();
    tab.telemetry.trackVideo(player.element, PLACE);
    await player.run(20 * SECOND);
    expect(world.server.received).toEqual([]);

    player.play();
    await player.run(52 * SECOND);
    player.pause();
    await player.run(5 * MINUTE);

    const pulses = await counted(world);
    expect(deltas(pulses)).toEqual([15, 15, 15, 7]);
    expect(pulses.map(({ watch_time }) => watch_time)).toEqual([15, 30, 45, 52]);
    expect(covered(pulses)).toEqual([[0, 52]]);
    const made = pulses.map(({ occurred_at }) => Date.parse(occurred_at));
    expect((made[1] as number) - (made[0] as number)).toBe(15 * SECOND);
  });

  test("that is playing already when it is tracked counts from there", async () => {
    const { world, tab, player } = setUp();
    player.paused = false;
    await player.run(10 * SECOND);
    tab.telemetry.trackVideo(player.element, PLACE);
    await player.run(5 * SECOND);
    player.pause();

    expect(await counted(world)).toMatchObject([{ duration_delta: 5, played: [[10, 15]] }]);
  });

  test("does not count while it is hidden, or buffers", async () => {
    const { world, tab, player } = setUp();
    tab.telemetry.trackVideo(player.element, PLACE);
    player.play();
    await player.run(10 * SECOND);
    tab.hide();
    await player.run(60 * SECOND);
    tab.show();
    await player.run(4 * SECOND);
    player.wait();
    await player.run(60 * SECOND);
    player.goOn();
    await player.run(3 * SECOND);
    player.pause();

    const pulses = await counted(world);
    expect(deltas(pulses)).toEqual([10, 7]);
    expect(covered(pulses)).toEqual([
      [0, 10],
      [70, 77],
    ]);
  });

  test("leaves out what was skipped, and joins nothing across it", async () => {
    const { world, tab, player } = setUp();
    tab.telemetry.trackVideo(player.element, PLACE);
    player.play();
    await player.run(3 * SECOND);
    await player.seek(50);
    await player.run(4 * SECOND);
    await player.seek(1);
    await player.run(1 * SECOND);
    player.pause();

    const pulses = await counted(world);
    expect(pulses).toMatchObject([
      {
        duration_delta: 8,
        played: [
          [0, 3],
          [50, 54],
          [1, 2],
        ],
      },
    ]);
  });

  test("that was sought before anybody was told has not played what lies between", async () => {
    const { world, tab, player } = setUp();
    tab.telemetry.trackVideo(player.element, PLACE);
    player.play();
    await player.run(3 * SECOND);
    player.currentTime = 60;
    player.tell("timeupdate");
    await player.run(2 * SECOND);
    player.currentTime = 10;
    player.tell("timeupdate");
    await player.run(1 * SECOND);
    player.pause();

    expect(covered(await counted(world))).toEqual([
      [0, 3],
      [60, 62],
      [10, 11],
    ]);
  });

  test("at double speed counts the time of the person and the seconds of the film", async () => {
    const { world, tab, player } = setUp();
    tab.telemetry.trackVideo(player.element, PLACE);
    player.play();
    await player.run(5 * SECOND);
    player.playbackRate = 2;
    player.tell("ratechange");
    await player.run(10 * SECOND);
    player.playbackRate = 0.5;
    player.tell("ratechange");
    await player.run(4 * SECOND);
    player.pause();

    const pulses = await counted(world);
    expect(total(pulses)).toBe(19);
    expect(covered(pulses)).toEqual([[0, 27]]);
  });

  test("is seen to the very end", async () => {
    const { world, tab, player } = setUp();
    player.duration = 7.4;
    tab.telemetry.trackVideo(player.element, PLACE);
    player.play();
    await player.run(20 * SECOND);

    expect(await counted(world)).toMatchObject([{ duration_delta: 7, played: [[0, 7.4]] }]);
  });

  test("keeps fractions of a second for the next time", async () => {
    const { world, tab, player } = setUp();
    tab.telemetry.trackVideo(player.element, PLACE);
    for (let time = 0; time < 10; time++) {
      player.play();
      await player.run(1700, 340);
      player.pause();
      await player.run(3 * SECOND);
    }

    const pulses = await counted(world);
    expect(total(pulses)).toBe(17);
    expect(Math.max(...deltas(pulses))).toBe(2);
  });

  test("that was frozen with its page counts only what it played meanwhile", async () => {
    const { world, tab, player } = setUp();
    tab.telemetry.trackVideo(player.element, PLACE);
    player.play();
    await player.run(3 * SECOND);
    // The laptop sleeps: nothing played.
    world.clock.sleep(8 * 3600 * SECOND);
    await player.run(2 * SECOND);
    // The page hangs, and the film goes on.
    world.clock.sleep(20 * SECOND);
    player.currentTime += 20;
    player.tell("timeupdate");
    player.pause();

    const pulses = await counted(world);
    expect(total(pulses)).toBe(25);
    expect(covered(pulses)).toEqual([[0, 25]]);
  });

  test("never puts more than 300 seconds or 100 intervals into one pulse", async () => {
    const { world, tab, player } = setUp();
    tab.telemetry.trackVideo(player.element, PLACE);
    player.play();
    world.clock.sleep(700 * SECOND);
    player.currentTime = 700;
    player.tell("timeupdate");
    player.pause();
    player.play();
    for (let jump = 0; jump < 250; jump++) {
      await player.seek(1000 + jump * 10, 1);
      await player.run(20, 20);
    }
    player.pause();

    const pulses = await counted(world);
    expect(deltas(pulses).slice(0, 3)).toEqual([300, 300, 100]);
    for (const pulse of pulses) expect(faultOf(pulse)).toBe(null);
    expect(pulses.flatMap(({ played = [] }) => played)).toHaveLength(251);
  });

  test("says with a completion or a click what has gathered until then", async () => {
    const { world, tab, player } = setUp();
    const tracker = tab.telemetry.trackVideo(player.element, PLACE);
    player.play();
    await player.run(4 * SECOND);
    tab.telemetry.click(PLACE);
    await player.run(3 * SECOND);
    tracker.complete();
    await player.run(2 * SECOND);
    tab.telemetry.click({ module: 1, resource: 2 });
    tracker.stop();
    tracker.stop();
    await player.run(MINUTE);

    expect(await counted(world)).toMatchObject([
      { resource: 1, duration_delta: 4, played: [[0, 4]] },
      { resource: 1, duration_delta: 3, played: [[4, 7]], completed: true },
      { resource: 2, duration_delta: 0 },
      { resource: 1, duration_delta: 2, played: [[7, 9]] },
    ]);
  });
});

describe("a page", () => {
  test("counts while it is visible, until it is no longer in use", async () => {
    const { world, tab } = setUp();
    tab.telemetry.trackPage(PLACE);
    await world.advance(30 * SECOND);
    tab.window.dispatchEvent(new Event("scroll"));
    await world.advance(10 * MINUTE);
    expect(total(await counted(world))).toBe(90);

    tab.window.dispatchEvent(new Event("keydown"));
    await world.advance(10 * SECOND);
    tab.hide();
    await world.advance(MINUTE);
    expect(total(await counted(world))).toBe(100);
  });

  test("may be given another measure of use", async () => {
    const { world, tab } = setUp();
    tab.telemetry.trackPage(PLACE, { idleAfter: 5 });
    await world.advance(MINUTE);
    expect(deltas(await counted(world))).toEqual([5]);
  });

  test("that nobody has looked at counts nothing", async () => {
    const { world, tab } = setUp();
    tab.hide();
    tab.telemetry.trackPage(PLACE);
    await world.advance(10 * MINUTE);
    expect(await counted(world)).toEqual([]);
  });

  test.each(["sleeps with its computer", "has its timers throttled"])(
    "that %s invents nothing",
    async (what) => {
      const { world, tab } = setUp();
      tab.telemetry.trackPage(PLACE);
      await world.advance(5 * SECOND);
      if (what.startsWith("sleeps")) world.clock.sleep(9 * 3600 * SECOND);
      else for (let minute = 0; minute < 60; minute++) world.clock.sleep(59 * SECOND);
      tab.window.dispatchEvent(new Event("pointermove"));
      await world.advance(6 * SECOND);
      tab.hide();
      const sum = total(await counted(world));
      expect(sum).toBeGreaterThanOrEqual(10);
      expect(sum).toBeLessThanOrEqual(11);
    },
  );
});

test("no pulse says more than was there, whatever a person does", async () => {
  const act = fc.oneof(
    fc.record({ do: fc.constant("run" as const), ms: fc.nat({ max: 40 * SECOND }) }),
    fc.record({ do: fc.constant("sleep" as const), ms: fc.nat({ max: 3600 * SECOND }) }),
    fc.record({ do: fc.constant("seek" as const), to: fc.nat({ max: 1000 }) }),
    fc.record({ do: fc.constant("rate" as const), rate: fc.constantFrom(0.5, 1, 1.5, 2) }),
    fc.record({
      do: fc.constantFrom("play", "pause", "hide", "show", "wait", "goOn", "click"),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 3, maxLength: 30 }), async (acts) => {
      const { world, tab, player } = setUp();
      const tracker = tab.telemetry.trackVideo(player.element, PLACE);
      let focus = 0;
      const seen = new Set<number>();
      for (const each of acts) {
        const isSeen = tab.document.visibilityState === "visible";
        const plays = !player.paused && player.readyState > 2;
        const from = player.currentTime;
        switch (each.do) {
          case "run":
            await player.run(each.ms);
            if (isSeen && plays) {
              focus += each.ms;
              for (let at = Math.floor(from * 100); at < player.currentTime * 100; at++)
                seen.add(at);
            }
            break;
          case "sleep":
            world.clock.sleep(each.ms);
            break;
          case "seek":
            await player.seek(each.to);
            break;
          case "rate":
            player.playbackRate = each.rate;
            player.tell("ratechange");
            break;
          case "hide":
          case "show":
            tab[each.do]();
            break;
          case "click":
            tracker.click();
            break;
          default:
            player[each.do as "play"]();
        }
      }
      tracker.stop();

      const pulses = await counted(world);
      for (const pulse of pulses) expect(faultOf(pulse)).toBe(null);
      // Each sleep may hide in the five seconds that may lie between two looks.
      const sleeps = acts.filter((each) => each.do === "sleep").length;
      const seeks = acts.filter((each) => each.do === "seek").length;
      expect(total(pulses)).toBeLessThanOrEqual((focus + seeks * 50) / SECOND + sleeps * 5);
      expect(total(pulses)).toBeGreaterThanOrEqual(Math.floor(focus / SECOND) - 1);
      const claimed = new Set<number>();
      for (const [start, end] of pulses.flatMap(({ played = [] }) => played)) {
        for (let at = Math.floor(start * 100) + 1; at < end * 100 - 1; at++) claimed.add(at);
      }
      for (const at of claimed) expect(seen.has(at)).toBe(true);
      expect(claimed.size).toBeGreaterThanOrEqual(seen.size * 0.97 - 10 * acts.length);
    }),
    { numRuns: 60 },
  );
});
