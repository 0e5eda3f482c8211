/** Brings the pulses of one user to the server, in their order, each until it was answered. */

import { alone } from "./alone.ts";
import type { Pulse, TelemetryOptions, TelemetryState } from "./api.ts";
import type { Ports } from "./ports.ts";
import { fitting, MOST_BYTES, MOST_BYTES_AT_LEAVING, MOST_PULSES, post } from "./post.ts";
import { type Fate, judge, type Reply } from "./reply.ts";
import { createStore } from "./store.ts";
import { createTokens } from "./tokens.ts";

const FIRST_WAIT_MS = 1000;
const LONGEST_BACKOFF_MS = 60_000;
/** What nobody has taken by then, the server would find too old. */
const OLDEST_MS = 7 * 24 * 3600 * 1000;
/** A batch that fails oddly more often than this in a row is divided, to find what it fails by. */
const PATIENCE = 2;
/** So many odd answers to single pulses in a row are not about the pulses. */
const MOST_ODD = 3;

/** Why no more goes out for now. */
interface Hold {
  why: string;
  retryAfter?: number;
  isSignedOut?: boolean;
}

export interface Sender {
  /** Keep a pulse; `wake` or `farewell` sends it. */
  add(pulse: Pulse): Promise<void>;
  /** Try what waits; with `force` also before its time, unless the server has set that. */
  wake(force?: boolean): Promise<void>;
  /** The page may be gone when this returns: send what it has made, waiting for nothing. */
  farewell(): void;
  pending(): Promise<number>;
  /** One more try, then nothing. */
  stop(): Promise<void>;
}

export function createSender(options: TelemetryOptions, ports: Ports, url: string): Sender {
  const { now, after, random } = ports;
  const { onDrop, onRecorded, onState } = options;
  const owner = `${url} ${options.userId}`;
  const tokens = createTokens(options, ports);
  const store = createStore(owner, ports);
  /** What this page has made, until its answer: to be had at once when the page goes away. */
  const unanswered = new Map<string, Pulse>();
  /** Sent by `farewell`, whose answer is still to come. */
  const leaving = new Set<string>();

  let running: Promise<void> | null = null;
  let isAsked = false;
  let isForced = false;
  let isStopping = false;
  let callOff = () => {};

  let status: TelemetryState["status"] = "idle";
  let retryAt: number | null = null;
  let trouble: string | null = null;
  let told = "";

  /** Note how things are, and tell `onState` of it where that is news. */
  async function tell(next = status, at = retryAt, why = trouble): Promise<void> {
    status = next;
    retryAt = next === "waiting" ? at : null;
    trouble = next === "idle" ? null : why;
    if (!onState) return;
    const pending = await store.count();
    const state: TelemetryState = { status, pending, retryAt, trouble, ...store.condition() };
    const news = JSON.stringify(state);
    if (news !== told) call(() => onState(state));
    told = news;
  }

  async function run(): Promise<void> {
    while (isAsked && status !== "stopped") {
      const force = isForced;
      isAsked = isForced = false;
      callOff();
      const taken = await alone(ports, store, owner, () => turn(force));
      if (taken) wakeAfter(taken);
    }
  }

  function wake(force = false): Promise<void> {
    isForced ||= force;
    isAsked = true;
    running ??= run().finally(() => {
      running = null;
    });
    return running;
  }

  function wakeAfter(ms: number): void {
    callOff();
    if (!isStopping) callOff = after(ms, wake);
  }

  /** While no other tab sends: a round, if it is time for one. */
  async function turn(force: boolean): Promise<void> {
    const { failures, notBefore, wait, strict } = await store.gate();
    const left = notBefore - now();
    // A clock that was set back makes a wait look longer than it was.
    if (left > 0 && left <= wait && (strict || !force)) {
      wakeAfter(left);
      return tell("waiting", notBefore);
    }
    const hold = await round(failures);
    if (!hold) {
      if (failures) await store.setGate({ failures: 0, notBefore: 0, wait: 0, strict: false });
      return tell("idle");
    }
    const { why, retryAfter = 0, isSignedOut } = hold;
    if (isSignedOut) {
      // Another tab may well be signed in: its gate stays open.
      wakeAfter(LONGEST_BACKOFF_MS);
      return tell("signed-out", null, why);
    }
    // Not all clients at the same moment.
    const jitter = 0.5 + random() / 2;
    const backoff = Math.min(LONGEST_BACKOFF_MS, FIRST_WAIT_MS * 2 ** failures);
    const next = Math.ceil(Math.max(backoff * jitter, retryAfter + FIRST_WAIT_MS * jitter));
    const at = now() + next;
    await store.setGate({
      failures: failures + 1,
      notBefore: at,
      wait: next,
      strict: retryAfter > 0,
    });
    wakeAfter(next);
    return tell("waiting", at, why);
  }

  /** Send until nothing is there that was not tried; gives why something is still there. */
  async function round(failures: number): Promise<Hold | null> {
    /** Tried, and to be left to another round. */
    const left = new Set<string>();
    let lastWhy = "";
    let oddInARow = 0;

    async function answered(batch: Pulse[], fates: Fate[], reply: Reply): Promise<null> {
      oddInARow = 0;
      for (const { pulse_id } of await settle(batch, fates)) {
        left.add(pulse_id);
        lastWhy = reply.why;
      }
      return null;
    }

    /** Send a batch, in parts where it fails as a whole; gives why to stop, if so. */
    async function deliver(batch: Pulse[]): Promise<Hold | null> {
      const reply = await ask(batch);
      if (!("status" in reply)) return reply;
      const verdict = judge(reply, batch);
      if (!verdict) return reply;
      if (Array.isArray(verdict)) return answered(batch, verdict, reply);
      const [pulse] = batch as [Pulse];
      const { problem, isOdd, isDivisible } = verdict;
      if (isOdd && failures < PATIENCE && reply.status !== 413) return reply;
      if (batch.length > 1 && isDivisible) {
        const middle = Math.ceil(batch.length / 2);
        return (await deliver(batch.slice(0, middle))) ?? (await deliver(batch.slice(middle)));
      }
      if (!isOdd || now() - Date.parse(pulse.occurred_at) > OLDEST_MS) {
        return answered(batch, Array(batch.length).fill({ problem }), reply);
      }
      left.add(pulse.pulse_id);
      lastWhy = reply.why;
      return ++oddInARow < MOST_ODD ? null : reply;
    }

    for (;;) {
      const head = await store.head(MOST_PULSES + left.size + leaving.size);
      const untried = head.filter(({ pulse_id: id }) => !left.has(id) && !leaving.has(id));
      if (!untried.length) {
        if (!head.length) unanswered.clear();
        return left.size ? { why: lastWhy } : null;
      }
      await tell("sending");
      const hold = await deliver(fitting(untried, MOST_BYTES));
      if (hold || isStopping) return hold;
    }
  }

  /** Send under this user's token, once more under a new one if need be. */
  async function ask(batch: Pulse[]): Promise<Reply | Hold> {
    try {
      let token = await tokens.current();
      for (let tries = 0; token && tries < 2; tries++) {
        const reply = await post(ports, url, token, batch);
        if (reply.status !== 401) return reply;
        token = tries ? null : await tokens.after(token);
      }
      return { why: "not signed in", isSignedOut: true };
    } catch (error) {
      return { why: `no token: ${error}` };
    }
  }

  /** Tell what became of each pulse; gives those that are still there. */
  async function settle(batch: Pulse[], fates: Fate[]): Promise<Pulse[]> {
    const gone: string[] = [];
    for (const [index, pulse] of batch.entries()) {
      const fate = fates[index];
      if (!fate) continue;
      // Told before it is removed: a page that ends in between tells twice rather than never.
      call(() => (fate.problem ? onDrop?.(pulse, fate.problem) : onRecorded?.(pulse, fate)));
      unanswered.delete(pulse.pulse_id);
      gone.push(pulse.pulse_id);
    }
    const areGone = await store.remove(gone);
    await tell();
    return batch.filter((_, index) => !areGone || !fates[index]);
  }

  return {
    async add(pulse) {
      unanswered.set(pulse.pulse_id, pulse);
      await store.add(pulse);
      await tell();
    },
    wake,
    farewell() {
      const token = tokens.atOnce();
      const { strict, notBefore } = store.lastGate();
      const unsent = [...unanswered.values()].filter(({ pulse_id }) => !leaving.has(pulse_id));
      if (!token || !unsent.length || (strict && notBefore > now())) return;
      const batch = fitting(unsent, MOST_BYTES_AT_LEAVING);
      for (const { pulse_id } of batch) leaving.add(pulse_id);
      post(ports, url, token, batch, true).then(async (reply) => {
        const verdict = judge(reply, batch);
        if (Array.isArray(verdict)) await settle(batch, verdict);
        for (const { pulse_id } of batch) leaving.delete(pulse_id);
        await wake();
      });
    },
    pending: store.count,
    async stop() {
      isStopping = true;
      await wake(true);
      callOff();
      await tell("stopped");
    },
  };
}

/** A caller's function that raises is the caller's to know of, and stops nothing here. */
function call(theirs: () => void): void {
  try {
    theirs();
  } catch (error) {
    globalThis.reportError?.(error);
  }
}
