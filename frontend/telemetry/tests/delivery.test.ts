/** From the making of a pulse to the server's word on it, whatever stands between. */

import { describe, expect, test } from "vitest";
import { MODULE } from "./server.ts";
import { PLACE, type Tab, World } from "./world.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

async function settled(world: World, tab: Tab): Promise<void> {
  await world.advance(SECOND);
  expect(await tab.telemetry.pending()).toBe(0);
}

function ids(pulses: { pulse_id: string }[]): string[] {
  return pulses.map(({ pulse_id }) => pulse_id);
}

describe("a pulse", () => {
  test("is sent at once, as the contract says, and is gone once it is counted", async () => {
    const world = new World();
    const tab = world.tab();

    tab.telemetry.complete({ module: 3, resource: 7 });
    await world.advance(SECOND);

    const [request] = world.server.received;
    expect(request?.pulses).toEqual([
      {
        module: 3,
        resource: 7,
        pulse_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
        duration_delta: 0,
        completed: true,
        occurred_at: "2026-02-10T07:00:00.000Z",
      },
    ]);
    expect(request?.sentAt).toBe("2026-02-10T07:00:00.000Z");
    expect(world.server.countedOf(1)).toHaveLength(1);
    expect(world.recorded).toHaveLength(1);
    expect(await tab.telemetry.pending()).toBe(0);
  });

  test("is stored before the first try", async () => {
    const world = new World();
    world.server.failures.push({ kind: "no answer" });
    const tab = world.tab();
    tab.telemetry.click(PLACE);
    await world.advance(SECOND);
    expect(world.server.received).toHaveLength(1);
    tab.crash();

    const later = world.tab();
    await settled(world, later);

    const [first, second] = world.server.received;
    expect(second?.pulses).toEqual(first?.pulses);
    expect(world.server.countedOf(1)).toHaveLength(1);
  });

  test("that was counted without our hearing of it is counted once", async () => {
    const world = new World();
    world.server.failures.push({ kind: "lost reply" }, { kind: "cut short" });
    const tab = world.tab();
    tab.telemetry.click(PLACE);
    await world.advance(10 * SECOND);

    expect(world.server.received).toHaveLength(3);
    expect(world.server.countedOf(1)).toHaveLength(1);
    expect(await tab.telemetry.pending()).toBe(0);
  });

  test("says at each try what the clock shows then", async () => {
    const world = new World();
    world.server.failures.push({ kind: "lost request" });
    const tab = world.tab();
    tab.telemetry.click(PLACE);
    await settled(world, tab);
    await world.advance(5 * SECOND);

    const sent = world.server.received.map(({ sentAt, at }) => [Date.parse(sentAt), at]);
    expect(sent).toHaveLength(2);
    for (const [said, was] of sent) expect(said).toBe(Math.trunc(was as number));
  });

  test("of a place that cannot be is refused where it is made", () => {
    const { telemetry } = new World().tab();
    for (const place of [
      { module: 0, resource: 1 },
      { module: 1, resource: 1.5 },
      { module: 1, resource: "1" as unknown as number },
    ]) {
      expect(() => telemetry.click(place)).toThrow(/must be a whole number from 1/);
      expect(() => telemetry.trackPage(place)).toThrow(/must be a whole number from 1/);
    }
  });
});

describe("batches", () => {
  test("hold at most 500 pulses, in the order of their making", async () => {
    const world = new World();
    world.isOnline = false;
    const tab = world.tab();
    for (let made = 0; made < 1203; made++) tab.telemetry.click({ module: 1, resource: made + 1 });
    await world.advance(SECOND);
    world.isOnline = true;
    await world.advance(2 * MINUTE);

    const sizes = world.server.received.map(({ pulses }) => pulses.length);
    expect(sizes).toEqual([500, 500, 203]);
    const resources = world.server.received.flatMap(({ pulses }) => pulses).map((p) => p.resource);
    expect(resources).toEqual(Array.from({ length: 1203 }, (_, index) => index + 1));
  });

  test("hold less than 256 KiB", async () => {
    const world = new World();
    world.isOnline = false;
    const tab = world.tab();
    const video = longPlayed();
    for (let made = 0; made < 300; made++) {
      const tracker = tab.telemetry.trackVideo(video.element, { module: 1, resource: made + 1 });
      video.jumpAbout(tab);
      tracker.stop();
    }
    await world.advance(SECOND);
    world.isOnline = true;
    await world.advance(2 * MINUTE);

    expect(world.server.countedOf(1).length).toBeGreaterThanOrEqual(300);
    expect(world.server.received.length).toBeGreaterThan(1);
    for (const { bytes } of world.server.received) expect(bytes).toBeLessThan(256 * 1024);
    expect(world.dropped).toEqual([]);
  });
});

describe("failures", () => {
  test.each([
    { kind: "lost request" },
    { kind: "lost reply" },
    { kind: "garbage" },
    { kind: "cut short" },
    { kind: "too few" },
    { kind: "no answer" },
    { kind: "html", status: 403 },
    { kind: "html", status: 404 },
    { kind: "html", status: 502 },
    { kind: "problem", status: 408 },
    { kind: "problem", status: 429 },
    { kind: "problem", status: 500 },
    { kind: "problem", status: 503 },
  ] as const)("$kind $status is tried again until it passes", async (failure) => {
    const world = new World();
    const tab = world.tab();
    world.server.outage = failure;
    tab.telemetry.click(PLACE);
    tab.telemetry.click(PLACE);
    await world.advance(20 * MINUTE);
    expect(world.dropped).toEqual([]);
    expect(await tab.telemetry.pending()).toBe(2);
    expect(tab.state).toMatchObject({ pending: 2, trouble: expect.any(String) });

    world.server.outage = null;
    await world.advance(2 * MINUTE);

    expect(world.server.countedOf(1)).toHaveLength(2);
    expect(await tab.telemetry.pending()).toBe(0);
    expect(tab.state).toEqual({
      status: "idle",
      pending: 0,
      retryAt: null,
      storage: "indexeddb",
      trouble: null,
    });
  });

  test("are answered with longer and longer waits, up to a minute, none like the other", async () => {
    const world = new World();
    const tab = world.tab();
    world.isOnline = true;
    world.server.outage = { kind: "problem", status: 503 };
    tab.telemetry.click(PLACE);
    await world.advance(30 * MINUTE);

    const times = world.server.received.map(({ at }) => at);
    const waits = times.slice(1).map((at, index) => at - (times[index] as number));
    for (const [index, wait] of waits.entries()) {
      const full = Math.min(MINUTE, SECOND * 2 ** index);
      expect(wait).toBeGreaterThanOrEqual(full / 2);
      expect(wait).toBeLessThanOrEqual(full + SECOND);
    }
    expect(waits.length).toBeGreaterThan(30);
    expect(new Set(waits.map(Math.round)).size).toBeGreaterThan(20);
  });

  test.each([
    ["seconds", { retryAfter: "90" }],
    ["a date", { retryAfter: "Tue, 10 Feb 2026 07:01:30 GMT", date: "" }],
    // The server's clock is a day behind the user's.
    [
      "a date by the server's clock",
      { retryAfter: "Mon, 09 Feb 2026 07:01:30 GMT", date: "Mon, 09 Feb 2026 07:00:00 GMT" },
    ],
  ])(
    "with Retry-After in %s wait that long, also for flush, online and reloads",
    async (_, says) => {
      const world = new World();
      const tab = world.tab();
      world.server.failures.push({ kind: "problem", status: 429, ...says });
      tab.telemetry.click(PLACE);
      await world.advance(SECOND);
      expect(tab.state?.status).toBe("waiting");

      await world.advance(20 * SECOND);
      tab.telemetry.click(PLACE);
      tab.goOnline();
      await Promise.all([tab.telemetry.flush(), world.advance(20 * SECOND)]);
      tab.close();
      const next = world.tab();
      next.telemetry.click(PLACE);
      await world.advance(40 * SECOND);
      expect(world.server.received).toHaveLength(1);

      await world.advance(15 * SECOND);
      expect(world.server.countedOf(1)).toHaveLength(3);
    },
  );

  test("end at once when the network is back", async () => {
    const world = new World();
    const tab = world.tab();
    world.isOnline = false;
    tab.telemetry.click(PLACE);
    await world.advance(12 * HOUR);
    expect(world.server.received).toEqual([]);

    world.isOnline = true;
    tab.goOnline();
    await world.advance(SECOND);

    expect(world.server.countedOf(1)).toHaveLength(1);
  });

  test("end at once with flush", async () => {
    const world = new World();
    const tab = world.tab();
    world.isOnline = false;
    tab.telemetry.click(PLACE);
    await world.advance(HOUR);

    world.isOnline = true;
    await Promise.all([tab.telemetry.flush(), world.advance(SECOND)]);

    expect(world.server.countedOf(1)).toHaveLength(1);
  });

  test("of a user's clock that was set back by a year hold up nothing", async () => {
    const world = new World();
    const tab = world.tab();
    world.server.failures.push({ kind: "lost request" });
    tab.telemetry.click(PLACE);
    await world.advance(100);
    world.clock.wall -= 365 * 24 * HOUR;
    await world.advance(MINUTE);

    expect(world.server.countedOf(1)).toHaveLength(1);
  });
});

describe("what is refused", () => {
  test("within a batch is dropped visibly, and the rest counts", async () => {
    const world = new World();
    const tab = world.tab();
    tab.telemetry.click(PLACE);
    tab.telemetry.click({ module: MODULE.unknown, resource: 1 });
    tab.telemetry.click(PLACE);
    await settled(world, tab);

    expect(world.server.countedOf(1)).toHaveLength(2);
    expect(world.dropped).toEqual([
      {
        pulse: expect.objectContaining({ module: MODULE.unknown }),
        problem: { type: "/api/problems/#of-404", title: "Problem 404", status: 404 },
      },
    ]);
  });

  test.each([MODULE.fails400, MODULE.fails413, MODULE.fails422])(
    "as a whole batch for one pulse (%i) is divided until it is found",
    async (module) => {
      const world = new World();
      world.isOnline = false;
      const tab = world.tab();
      for (let made = 0; made < 300; made++) {
        tab.telemetry.click({ module: made === 123 ? module : 1, resource: 1 });
      }
      await world.advance(SECOND);
      world.isOnline = true;
      await world.advance(MINUTE);

      expect(world.server.countedOf(1)).toHaveLength(299);
      expect(world.dropped.map(({ pulse }) => pulse.module)).toEqual([module]);
      expect(world.server.received.length).toBeLessThan(30);
      expect(await tab.telemetry.pending()).toBe(0);
    },
  );

  test.each([403, 404, 405, 415])("as a whole with %i is dropped at once", async (status) => {
    const world = new World();
    world.server.failures.push({ kind: "problem", status });
    world.isOnline = false;
    const tab = world.tab();
    for (let made = 0; made < 5; made++) tab.telemetry.click(PLACE);
    await world.advance(SECOND);
    world.isOnline = true;
    await world.advance(MINUTE);

    expect(world.dropped.map(({ problem }) => problem.status)).toEqual(Array(5).fill(status));
    expect(world.server.received).toHaveLength(1);
    expect(await tab.telemetry.pending()).toBe(0);
  });

  test("as too old by the server ends in onDrop", async () => {
    const world = new World();
    world.isOnline = false;
    const tab = world.tab();
    tab.telemetry.click(PLACE);
    await world.advance(SECOND);
    tab.crash();
    world.clock.sleep(8 * 24 * HOUR);
    world.isOnline = true;
    const next = world.tab();
    next.telemetry.click(PLACE);
    await settled(world, next);

    expect(world.dropped.map(({ problem }) => problem.status)).toEqual([400]);
    expect(world.server.countedOf(1)).toHaveLength(1);
  });

  test("by a proxy with its own 413 goes in smaller parts", async () => {
    const world = new World();
    world.isOnline = false;
    const tab = world.tab();
    for (let made = 0; made < 8; made++) tab.telemetry.click(PLACE);
    await world.advance(SECOND);
    world.server.failures.push({ kind: "html", status: 413 }, { kind: "html", status: 413 });
    world.isOnline = true;
    await world.advance(MINUTE);

    expect(world.server.received.map(({ pulses }) => pulses.length)).toEqual([8, 4, 2, 2, 4]);
    expect(world.server.countedOf(1)).toHaveLength(8);
  });

  test("by a callback of the caller's that raises stops nothing", async () => {
    const world = new World();
    const tab = world.tab({
      onDrop() {
        throw new Error("the caller's own");
      },
    });
    tab.telemetry.click({ module: MODULE.unknown, resource: 1 });
    tab.telemetry.click(PLACE);
    await settled(world, tab);

    expect(world.server.countedOf(1)).toHaveLength(1);
  });
});

describe("one pulse that never gets through", () => {
  test.each([MODULE.breaksServer, MODULE.isKeptBack])(
    "(%i) holds up no other and is not lost",
    async (module) => {
      const world = new World();
      const tab = world.tab();
      world.isOnline = false;
      tab.telemetry.click({ module, resource: 1 });
      for (let made = 0; made < 40; made++) tab.telemetry.click(PLACE);
      await world.advance(SECOND);
      world.isOnline = true;
      await world.advance(5 * MINUTE);
      tab.telemetry.click(PLACE);
      await world.advance(2 * MINUTE);

      expect(world.server.countedOf(1)).toHaveLength(41);
      expect(await tab.telemetry.pending()).toBe(1);
      expect(tab.state?.trouble).toMatch(/^HTTP /);
      expect(world.dropped).toEqual([]);
    },
  );

  test("is dropped when the server would not take it any more", async () => {
    const world = new World();
    const tab = world.tab();
    tab.telemetry.click({ module: MODULE.breaksServer, resource: 1 });
    await world.advance(SECOND);
    world.clock.sleep(8 * 24 * HOUR);
    await world.advance(5 * MINUTE);

    expect(world.dropped.map(({ problem }) => problem)).toEqual([
      { type: "about:blank", title: "HTTP 500", status: 500 },
    ]);
    expect(await tab.telemetry.pending()).toBe(0);
  });

  test("and a gate to the network that refuses everything are told apart", async () => {
    const world = new World();
    const tab = world.tab();
    world.server.outage = { kind: "html", status: 403 };
    world.isOnline = false;
    for (let made = 0; made < 500; made++) tab.telemetry.click(PLACE);
    await world.advance(SECOND);
    world.isOnline = true;
    await world.advance(10 * MINUTE);

    expect(world.dropped).toEqual([]);
    const requests = world.server.received.length;
    expect(requests).toBeLessThan(30 * 13);
  });
});

describe("tokens", () => {
  test("that have expired are refreshed once, and the same is sent again", async () => {
    const world = new World();
    let token = "expired";
    let refreshed = 0;
    const tab = world.tab({
      getToken: async () => token,
      async refreshToken() {
        refreshed++;
        token = world.token(1);
        return token;
      },
    });
    tab.telemetry.click(PLACE);
    await settled(world, tab);
    tab.telemetry.click(PLACE);
    await settled(world, tab);

    expect(refreshed).toBe(1);
    const [first, second] = world.server.received;
    expect(second?.pulses).toEqual(first?.pulses);
    expect(world.server.received).toHaveLength(3);
    expect(world.server.countedOf(1)).toHaveLength(2);
  });

  test("that another tab has refreshed meanwhile are taken without refreshing again", async () => {
    const world = new World();
    const tokens = ["expired", world.token(1)];
    let refreshed = 0;
    const tab = world.tab({
      getToken: () => (tokens.length > 1 ? (tokens.shift() ?? null) : (tokens[0] ?? null)),
      refreshToken: () => {
        refreshed++;
        return null;
      },
    });
    tab.telemetry.click(PLACE);
    await settled(world, tab);

    expect(refreshed).toBe(0);
    expect(world.server.countedOf(1)).toHaveLength(1);
  });

  test.each([
    ["are none", { getToken: () => null }],
    ["stay bad", { getToken: () => "bad", refreshToken: () => "bad, too" }],
    ["stay bad and cannot be refreshed", { getToken: () => "bad" }],
    ["end with the sign-in", { getToken: () => "bad", refreshToken: () => null }],
  ])("that %s lose nothing", async (_, options) => {
    const world = new World();
    const tab = world.tab(options);
    tab.telemetry.click(PLACE);
    await world.advance(30 * MINUTE);

    expect(tab.state).toMatchObject({ status: "signed-out", pending: 1 });
    expect(world.dropped).toEqual([]);
    expect(world.server.received.length).toBeLessThan(70);
    tab.crash();

    await settled(world, world.tab());
    expect(world.server.countedOf(1)).toHaveLength(1);
  });

  test.each([
    ["raise", () => Promise.reject(new Error("the sign-in page is down"))],
    ["never come", () => new Promise<string>(() => {})],
  ])("that %s are asked for again", async (_, broken) => {
    const world = new World();
    let isBroken = true;
    const tab = world.tab({ getToken: () => (isBroken ? broken() : world.token(1)) });
    tab.telemetry.click(PLACE);
    await world.advance(5 * MINUTE);
    expect(tab.state).toMatchObject({ status: "waiting", trouble: /^no token: Error: / });

    isBroken = false;
    await world.advance(2 * MINUTE);
    expect(world.server.countedOf(1)).toHaveLength(1);
  });

  test("of one user never carry the pulses of another", async () => {
    const world = new World();
    world.isOnline = false;
    const first = world.tab({ userId: "ada" });
    first.telemetry.click({ module: 1, resource: 11 });
    await world.advance(SECOND);
    first.crash();
    world.isOnline = true;

    const second = world.tab({ userId: "bob" });
    second.telemetry.click({ module: 1, resource: 22 });
    await world.advance(HOUR);
    expect(world.server.countedOf("bob").map(({ resource }) => resource)).toEqual([22]);
    expect(world.server.countedOf("ada")).toEqual([]);
    expect(await second.telemetry.pending()).toBe(0);

    const again = world.tab({ userId: "ada" });
    await settled(world, again);
    expect(world.server.countedOf("ada").map(({ resource }) => resource)).toEqual([11]);
  });

  test("that name another user are as good as none, at leaving, too", async () => {
    const world = new World();
    const jwt = (user: unknown) =>
      `e30.${btoa(JSON.stringify({ user_id: user })).replaceAll("=", "")}.sig`;
    world.server.tokens.set(jwt("2"), "2").set(jwt(1), "1");
    let token = jwt("2");
    const tab = world.tab({ userId: 1, getToken: () => token });
    tab.telemetry.click(PLACE);
    await world.advance(MINUTE);
    tab.hide();
    await world.advance(MINUTE);
    expect(world.server.received).toEqual([]);

    token = jwt(1);
    await world.advance(2 * MINUTE);
    expect(world.server.countedOf(1)).toHaveLength(1);
  });

  test("of one server never carry the pulses of another", async () => {
    const world = new World();
    world.isOnline = false;
    world.tab({ baseUrl: "https://test.example" }).telemetry.click(PLACE);
    await world.advance(SECOND);
    const tab = world.tab({ baseUrl: "https://live.example/" });
    expect(await Promise.race([tab.telemetry.pending(), world.advance(SECOND)])).toBe(0);
  });
});

describe("several tabs", () => {
  test.each([true, false])("have one sender among them (Web Locks: %s)", async (hasLocks) => {
    const world = new World();
    const tabs = [1, 2, 3].map(() => world.tab({ hasLocks }));
    for (let round = 0; round < 10; round++) {
      for (const tab of tabs) tab.telemetry.click(PLACE);
      await world.advance(3 * SECOND);
    }
    await world.advance(2 * MINUTE);

    expect(world.server.mostAtOnce).toBe(1);
    expect(world.server.countedOf(1)).toHaveLength(30);
    const sent = world.server.received.flatMap(({ pulses }) => ids(pulses));
    expect(new Set(sent).size).toBe(sent.length);
  });

  test("wait together where the server fails", async () => {
    const world = new World();
    world.server.outage = { kind: "problem", status: 503 };
    const tabs = [1, 2, 3].map(() => world.tab());
    for (const tab of tabs) tab.telemetry.click(PLACE);
    await world.advance(30 * MINUTE);

    // One tab alone would try about 45 times.
    expect(world.server.received.length).toBeLessThan(60);
    world.server.outage = null;
    await world.advance(2 * MINUTE);
    expect(world.server.countedOf(1)).toHaveLength(3);
  });

  test.each([true, false])(
    "go on when the one that sends is gone or stands still (Web Locks: %s)",
    async (hasLocks) => {
      const world = new World();
      world.server.failures.push({ kind: "no answer" });
      const stuck = world.tab({
        hasLocks,
        ports: { after: () => () => {} },
      });
      stuck.telemetry.click(PLACE);
      await world.advance(SECOND);
      const other = world.tab({ hasLocks });
      other.telemetry.click(PLACE);
      await world.advance(2 * MINUTE);

      expect(world.server.countedOf(1)).toHaveLength(2);
      expect(await other.telemetry.pending()).toBe(0);
    },
  );

  test("send without locks where the browser refuses them", async () => {
    const world = new World();
    const refuse = () => Promise.reject(new DOMException("not here", "SecurityError"));
    const tab = world.tab({ ports: { locks: { request: refuse as LockManager["request"] } } });
    tab.telemetry.click(PLACE);
    await settled(world, tab);
    expect(world.server.countedOf(1)).toHaveLength(1);
  });
});

describe("a page that goes away", () => {
  test("sends what it has with keepalive, and once", async () => {
    const world = new World();
    const tab = world.tab();
    tab.telemetry.trackPage(PLACE);
    await world.advance(7 * SECOND);
    tab.hide();
    await world.advance(SECOND);

    expect(world.server.received).toHaveLength(1);
    expect(world.server.received[0]).toMatchObject({
      keepalive: true,
      pulses: [{ duration_delta: 7 }],
    });
    expect(await tab.telemetry.pending()).toBe(0);
  });

  test("does not send again what another tab has sent for it", async () => {
    const world = new World();
    const token = { current: null as string | null };
    const tab = world.tab({ getToken: () => token.current });
    tab.telemetry.click(PLACE);
    await settled(world, world.tab());
    token.current = world.token(1);
    await world.advance(2 * MINUTE);
    tab.hide();
    await world.advance(SECOND);

    expect(world.server.received).toHaveLength(1);
  });

  test("has asked for storing and sending before it ends", async () => {
    const world = new World();
    const tab = world.tab();
    tab.telemetry.trackPage(PLACE);
    await world.advance(7 * SECOND);
    tab.close();
    expect(world.server.received).toHaveLength(1);
    await world.advance(SECOND);

    await settled(world, world.tab());

    const sent = world.server.received.map(({ pulses }) => ids(pulses));
    expect(sent).toEqual([sent[0], sent[0]]);
    expect(world.server.countedOf(1)).toMatchObject([{ duration_delta: 7 }]);
  });

  test("loses nothing where it is offline", async () => {
    const world = new World();
    const tab = world.tab();
    await world.advance(SECOND);
    world.isOnline = false;
    tab.telemetry.trackPage(PLACE);
    await world.advance(7 * SECOND);
    tab.close();
    await world.advance(HOUR);
    world.isOnline = true;
    await settled(world, world.tab());

    expect(world.server.countedOf(1)).toMatchObject([{ duration_delta: 7 }]);
  });

  test("sends at most what browsers take at that moment", async () => {
    const world = new World();
    world.isOnline = false;
    const tab = world.tab();
    for (let made = 0; made < 1000; made++) tab.telemetry.click(PLACE);
    await world.advance(SECOND);
    world.isOnline = true;
    tab.hide();
    await world.settle();

    expect(world.server.received).toHaveLength(1);
    expect(world.server.received[0]?.bytes).toBeLessThan(65_536);
    expect(world.server.received[0]?.pulses.length).toBeGreaterThan(200);
    await world.advance(2 * MINUTE);
    expect(world.server.countedOf(1)).toHaveLength(1000);
  });

  test("and comes back goes on where it was", async () => {
    const world = new World();
    const tab = world.tab();
    tab.telemetry.trackPage(PLACE);
    await world.advance(7 * SECOND);
    tab.window.dispatchEvent(new Event("pagehide"));
    await world.advance(20 * MINUTE);
    tab.window.dispatchEvent(new Event("pageshow"));
    tab.window.dispatchEvent(new Event("pointermove"));
    await world.advance(5 * SECOND);
    tab.hide();
    await world.advance(SECOND);

    expect(world.server.countedOf(1).map(({ duration_delta }) => duration_delta)).toEqual([7, 5]);
  });
});

describe("storage", () => {
  test("that is not there is made up for in memory, and told of", async () => {
    const world = new World();
    world.isOnline = false;
    const tab = world.tab({ hasStorage: false });
    tab.telemetry.click(PLACE);
    await world.advance(SECOND);
    expect(tab.state).toMatchObject({ storage: "memory", pending: 1 });
    expect(tab.state?.trouble).toMatch(/IndexedDB/);

    world.isOnline = true;
    await world.advance(2 * MINUTE);
    expect(world.server.countedOf(1)).toHaveLength(1);
    expect(await tab.telemetry.pending()).toBe(0);
  });

  test("that is full is made up for in memory until there is room again", async () => {
    const world = new World();
    let isFull = true;
    world.isOnline = false;
    const tab = world.tab({ wrapStorage: (factory) => fullWhile(factory, () => isFull) });
    tab.telemetry.click(PLACE);
    await world.advance(SECOND);
    expect(tab.state).toMatchObject({ storage: "memory", pending: 1 });
    expect(tab.state?.trouble).toMatch(/QuotaExceededError/);

    isFull = false;
    tab.telemetry.click(PLACE);
    await world.advance(SECOND);
    expect(tab.state).toMatchObject({ storage: "indexeddb", pending: 2 });
    tab.crash();
    world.isOnline = true;
    await world.advance(MINUTE);
    await settled(world, world.tab());
    expect(world.server.countedOf(1)).toHaveLength(2);
  });

  test("that stays full holds up nothing", async () => {
    const world = new World();
    const tab = world.tab({ wrapStorage: (factory) => fullWhile(factory, () => true) });
    for (let made = 0; made < 3; made++) {
      tab.telemetry.click(PLACE);
      await world.advance(SECOND);
    }
    expect(world.server.countedOf(1)).toHaveLength(3);
  });

  test.each([
    ["raises", () => new Error("SecurityError")],
    ["never answers", () => null],
  ])("that %s is made up for in memory", async (_, fail) => {
    const world = new World();
    let opened = 0;
    const wrapStorage = () =>
      ({
        open() {
          opened++;
          const error = fail();
          if (error) throw error;
          return {};
        },
      }) as unknown as IDBFactory;
    const tab = world.tab({ wrapStorage });
    tab.telemetry.click(PLACE);
    await world.advance(MINUTE);

    expect(tab.state?.trouble).toMatch(/^IndexedDB: /);
    expect(world.server.countedOf(1)).toHaveLength(1);
    expect(opened).toBeLessThanOrEqual(12);
  });

  test("that is cleared under a page is made anew", async () => {
    const world = new World();
    const tab = world.tab();
    tab.telemetry.click(PLACE);
    await settled(world, tab);
    await new Promise((resolve) => {
      world.storage.deleteDatabase("pulseboard-telemetry").onsuccess = resolve;
    });
    world.isOnline = false;
    tab.telemetry.click(PLACE);
    await world.advance(SECOND);
    tab.crash();
    world.isOnline = true;
    await world.advance(MINUTE);
    await settled(world, world.tab());

    expect(world.server.countedOf(1)).toHaveLength(2);
  });
});

describe("stop", () => {
  test("sends what the trackers have, and then nothing", async () => {
    const world = new World();
    const tab = world.tab();
    tab.telemetry.trackPage(PLACE);
    await world.advance(9 * SECOND);
    await Promise.all([tab.telemetry.stop(), world.advance(SECOND)]);
    expect(world.server.countedOf(1)).toMatchObject([{ duration_delta: 9 }]);
    expect(tab.state?.status).toBe("stopped");

    tab.telemetry.click(PLACE);
    tab.goOnline();
    tab.window.dispatchEvent(new Event("pointermove"));
    await world.advance(HOUR);
    expect(world.server.received).toHaveLength(1);
  });

  test("keeps for later what it cannot send", async () => {
    const world = new World();
    const tab = world.tab();
    world.isOnline = false;
    tab.telemetry.click(PLACE);
    await Promise.all([tab.telemetry.stop(), world.advance(SECOND)]);
    world.isOnline = true;
    await world.advance(HOUR);
    expect(world.server.received).toEqual([]);

    await settled(world, world.tab());
    expect(world.server.countedOf(1)).toHaveLength(1);
  });
});

/** The same storage, whose disk has no room for anything while `isFull` says so. */
function fullWhile(factory: IDBFactory, isFull: () => boolean): IDBFactory {
  return {
    open(name: string, version: number) {
      const request = factory.open(name, version);
      request.addEventListener("success", () => {
        const { transaction } = request.result;
        request.result.transaction = (...args) => {
          const opened = transaction.apply(request.result, args);
          if (args[1] === "readwrite" && isFull()) {
            const { objectStore } = opened;
            opened.objectStore = (of) => {
              const store = objectStore.call(opened, of);
              store.put = () => {
                opened.abort();
                Object.defineProperty(opened, "error", {
                  value: new DOMException("no room", "QuotaExceededError"),
                });
                return { result: undefined } as never;
              };
              return store;
            };
          }
          return opened;
        };
      });
      return request;
    },
  } as unknown as IDBFactory;
}

/** A player that was sought to and fro, so that its pulses are as long as they get. */
function longPlayed() {
  const element = Object.assign(new EventTarget(), {
    currentTime: 0,
    paused: false,
    ended: false,
    seeking: false,
    readyState: 4,
    playbackRate: 1,
  });
  return {
    element: element as unknown as HTMLMediaElement,
    jumpAbout(tab: Tab) {
      for (let jump = 0; jump < 99; jump++) {
        element.currentTime = 80_000.123 - jump * 700;
        element.dispatchEvent(new Event("seeking"));
        element.dispatchEvent(new Event("seeked"));
        tab.world.clock.sleep(111);
        element.currentTime += 0.111;
        element.dispatchEvent(new Event("timeupdate"));
      }
    },
  };
}
