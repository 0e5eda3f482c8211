/** The client's side of the fixture; the server's side is tests/tracking/test_telemetry_contract.py. */

import { expect, test } from "vitest";
import type { Problem, Pulse, Standing } from "../src/index.ts";
import { fitting } from "../src/post.ts";
import { judge } from "../src/reply.ts";
import { contract, faultOf } from "./contract.ts";
import { World } from "./world.ts";

const [heartbeat] = contract.valid;
const SECOND = 1000;

test.each(contract.valid)("$name is of the form that the client makes", ({ pulse }) => {
  expect(faultOf(pulse)).toBe(null);
});

// What only the server can tell is not a matter of form.
const ofForm = contract.invalid.filter(
  ({ status, name }) => status === 400 && name !== "a time of more than a week ago",
);

test.each(ofForm)("$name is not of that form", ({ change, field }) => {
  expect(faultOf({ ...heartbeat?.pulse, ...change })).toBe(field?.split(".")[0]);
});

test("the client makes the pulses of the fixture, to the field", async () => {
  const world = new World();
  const tab = world.tab();
  const player = Object.assign(new EventTarget(), {
    currentTime: 0,
    paused: false,
    ended: false,
    seeking: false,
    readyState: 4,
    playbackRate: 1,
  });
  tab.telemetry.click({ module: 1, resource: 1 });
  tab.telemetry.complete({ module: 1, resource: 1 });
  tab.telemetry.trackPage({ module: 1, resource: 1 });
  tab.telemetry.trackVideo(player as unknown as HTMLMediaElement, { module: 1, resource: 2 });
  for (let second = 0; second < 16; second++) {
    await world.advance(SECOND);
    player.currentTime++;
  }
  await world.advance(SECOND);

  const shapes = new Set(world.server.countedOf(1).map((pulse) => Object.keys(pulse).join()));
  const expected = contract.valid.map(({ pulse }) => Object.keys(pulse).join());
  expect([...shapes].sort()).toEqual([...new Set(expected)].sort());
});

test("the client understands the replies of the fixture", () => {
  const valid = contract.valid.map(({ pulse, reply }, index) => ({
    pulse: pulse as Pulse,
    result: { status: index % 2 ? "recorded" : "duplicate", pulse_id: pulse.pulse_id, ...reply },
  }));
  const invalid = contract.invalid.map(({ change, status, type }) => {
    const pulse = { ...heartbeat?.pulse, ...change } as Pulse;
    const problem = { type, title: "-", status, detail: "-", instance: "-", request_id: "-" };
    const pulse_id = pulse.pulse_id === "1" ? null : pulse.pulse_id;
    return { pulse, result: { status: "rejected", pulse_id, problem } };
  });
  const all = [...valid, ...invalid];
  const body = { results: all.map(({ result }) => result), server_time: contract.now };

  const fates = judge(
    { status: 200, body, retryAfter: 0, why: "" },
    all.map(({ pulse }) => pulse),
  ) as (Standing | { problem: Problem })[];

  expect(fates.slice(0, valid.length)).toMatchObject(contract.valid.map(({ reply }) => reply));
  expect(fates.slice(valid.length)).toMatchObject(
    contract.invalid.map(({ type, status }) => ({ problem: { type, status } })),
  );
});

test("results of other pulses are not the server's answer to these", () => {
  const [mine, other] = contract.valid.map(({ pulse }) => pulse as Pulse) as [Pulse, Pulse];
  const body = { results: [{ status: "recorded", pulse_id: other.pulse_id }] };
  expect(judge({ status: 200, body, retryAfter: 0, why: "" }, [mine])).toBe(null);
  expect(judge({ status: 200, body, retryAfter: 0, why: "" }, [other])).toHaveLength(1);
});

test.each(contract.bodies)("a body with $name is refused as a whole", ({ status, type }) => {
  const body = { type, title: "-", status };
  const verdict = judge({ status, body, retryAfter: 0, why: "" }, [heartbeat?.pulse as Pulse]);
  expect(verdict).toEqual({ problem: body, isOdd: false, isDivisible: true });
});

test("as many pulses go into a request as the fixture allows, and no more", () => {
  const { pulses, bytes } = contract.limits;
  const short = Array(pulses + 1).fill(heartbeat?.pulse) as Pulse[];
  expect(fitting(short, bytes)).toHaveLength(pulses);

  const long: Pulse = {
    ...(heartbeat?.pulse as Pulse),
    played: Array(contract.limits.played).fill([86_399.111, 86_399.222]),
  };
  const batch = fitting(Array(pulses).fill(long), 250_000);
  const size = JSON.stringify({ sent_at: contract.now, pulses: batch }).length;
  expect(size).toBeLessThan(bytes);
  expect(size).toBeGreaterThan(bytes * 0.9);
});
