/**
 * Whatever fails, and in whatever order: each pulse counts once, none is lost, none is held up for
 * good by another, and none goes to another user.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Failure, MODULE } from "./server.ts";
import { type Tab, World } from "./world.ts";

const MINUTE = 60_000;
const USERS = ["ada", "bob"];

type Step =
  | { do: "click"; tab: number; module: number }
  | { do: "wait"; ms: number }
  | { do: "sleep"; ms: number }
  | { do: "fail"; failures: Failure[] }
  | { do: "network"; isOnline: boolean }
  | { do: "open"; user: string; hasLocks: boolean }
  | { do: "hide" | "show" | "crash" | "close" | "flush" | "stop"; tab: number }
  | { do: "set clock"; ms: number };

const tab = fc.nat({ max: 5 });

const failure: fc.Arbitrary<Failure> = fc.oneof(
  fc.record({
    kind: fc.constantFrom(
      "lost request" as const,
      "lost reply" as const,
      "no answer" as const,
      "garbage" as const,
      "cut short" as const,
      "too few" as const,
    ),
  }),
  fc.record({
    kind: fc.constant("html" as const),
    status: fc.constantFrom(403, 404, 413, 500, 502, 503),
  }),
  fc.record(
    {
      kind: fc.constant("problem" as const),
      status: fc.constantFrom(401, 408, 429, 500, 503),
      retryAfter: fc.constantFrom("0", "1", "30", "Tue, 10 Feb 2026 07:05:00 GMT", "soon"),
    },
    { requiredKeys: ["kind", "status"] },
  ),
);

const ACCEPTED = [1, 2, 3];
const REFUSED = [MODULE.unknown, MODULE.fails400, MODULE.fails413, MODULE.fails422];

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("click" as const),
      tab,
      module: fc.constantFrom(...ACCEPTED, ...ACCEPTED, ...REFUSED),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat({ max: 2 * MINUTE }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("fail" as const),
      failures: fc.array(failure, { minLength: 1, maxLength: 6 }),
    }),
  },
  fc.record({ do: fc.constant("sleep" as const), ms: fc.nat({ max: 12 * 60 * MINUTE }) }),
  fc.record({ do: fc.constant("network" as const), isOnline: fc.boolean() }),
  fc.record({
    do: fc.constant("open" as const),
    user: fc.constantFrom(...USERS),
    hasLocks: fc.boolean(),
  }),
  fc.record({
    do: fc.constantFrom("hide", "show", "crash", "close", "flush", "stop"),
    tab,
  }),
  fc.record({
    do: fc.constant("set clock" as const),
    ms: fc.integer({ min: -60 * MINUTE, max: 60 * MINUTE }),
  }),
);

class Story {
  readonly world = new World();
  readonly tabs: { user: string; tab: Tab }[] = [];
  readonly made = new Map(USERS.map((user) => [user, [] as string[]]));
  #clicks = 0;

  open(user: string, hasLocks = true): Tab {
    const opened = this.world.tab({ userId: user, hasLocks });
    this.tabs.push({ user, tab: opened });
    return opened;
  }

  async take(step: Step): Promise<void> {
    const { world } = this;
    const at = "tab" in step ? this.tabs[step.tab % Math.max(1, this.tabs.length)] : undefined;
    switch (step.do) {
      case "click":
        if (!at) return;
        this.click(at.user, at.tab, step.module);
        // Until it is stored it has not been kept; that takes no time here.
        return world.settle();
      case "wait":
        return world.advance(step.ms);
      case "sleep":
        world.clock.sleep(step.ms);
        return world.settle();
      case "fail":
        world.server.failures.push(...step.failures);
        return;
      case "network":
        world.isOnline = step.isOnline;
        if (step.isOnline) for (const { tab } of this.tabs) tab.goOnline();
        return world.settle();
      case "open":
        this.open(step.user, step.hasLocks);
        return world.settle();
      case "set clock":
        world.clock.wall += step.ms;
        return;
      default:
        return this.#change(step.do, at?.tab);
    }
  }

  async #change(what: string, at: Tab | undefined): Promise<void> {
    if (!at) return;
    if (what === "hide") at.hide();
    if (what === "show") at.show();
    if (what === "flush") at.telemetry.flush();
    if (what === "stop") at.telemetry.stop();
    if (what === "close") at.close();
    if (what === "crash") at.crash();
    if (["stop", "close", "crash"].includes(what)) {
      this.tabs.splice(
        this.tabs.findIndex(({ tab }) => tab === at),
        1,
      );
    }
    return this.world.settle();
  }

  click(user: string, at: Tab, module: number): void {
    const resource = ++this.#clicks;
    at.telemetry.click({ module, resource });
    this.made.get(user)?.push(`${module}/${resource}`);
  }

  madeBy(user: string, modules: number[]): string[] {
    const isOf = (made: string) => modules.includes(Number(made.split("/")[0]));
    return (this.made.get(user) ?? []).filter(isOf).sort();
  }

  countedOf(user: string): string[] {
    return this.world.server
      .countedOf(user)
      .map(({ module, resource }) => `${module}/${resource}`)
      .sort();
  }

  /** All is well again, and every user comes back. */
  async end(): Promise<Tab[]> {
    const { world } = this;
    world.server.failures.length = 0;
    world.isOnline = true;
    for (const { tab } of this.tabs) tab.crash();
    const last = USERS.map((user) => this.open(user));
    // As long as the server may have asked for, and the longest backoff.
    await world.advance(20 * MINUTE);
    return last;
  }
}

test("each pulse counts once, or is dropped visibly", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const story = new Story();
      for (const user of USERS) story.open(user);
      for (const each of steps) await story.take(each);
      const last = await story.end();

      for (const [index, user] of USERS.entries()) {
        expect(story.countedOf(user)).toEqual(story.madeBy(user, ACCEPTED));
        expect(await last[index]?.telemetry.pending()).toBe(0);
      }
      const dropped = new Set(
        story.world.dropped.map(({ pulse: { module, resource } }) => `${module}/${resource}`),
      );
      const refused = USERS.flatMap((user) => story.madeBy(user, REFUSED));
      expect([...dropped].sort()).toEqual(refused.sort());
    }),
    { numRuns: 150 },
  );
});

test("pulses that no server survives hold up no others", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
      fc.nat({ max: 40 }),
      fc.nat({ max: 40 }),
      async (made, first, second) => {
        const story = new Story();
        const opened = story.open("ada");
        story.world.isOnline = false;
        for (const [index, isRefused] of made.entries()) {
          const isFatal = index === first || index === second;
          const module = isFatal ? MODULE.breaksServer : isRefused ? MODULE.fails400 : 1;
          story.click("ada", opened, module);
        }
        await story.world.settle();
        await story.end();

        expect(story.countedOf("ada")).toEqual(story.madeBy("ada", [1]));
        expect(story.world.dropped).toHaveLength(story.madeBy("ada", [MODULE.fails400]).length);
        expect(await story.tabs.at(-2)?.tab.telemetry.pending()).toBe(
          story.madeBy("ada", [MODULE.breaksServer]).length,
        );
      },
    ),
    { numRuns: 60 },
  );
});
