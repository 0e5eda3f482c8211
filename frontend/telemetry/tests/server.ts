/**
 * The server as the contract words it, to send to: each pulse of a user counts once, and what it
 * is sent can be looked up. It fails in whatever way it is told to.
 */

import type { Problem, Pulse } from "../src/index.ts";
import type { Clock } from "./clock.ts";
import { faultOf } from "./contract.ts";

export interface Received {
  at: number;
  user: string;
  pulses: Pulse[];
  sentAt: string;
  bytes: number;
  keepalive: boolean;
}

/** How a request fails; nothing of it is counted, save with `lost reply`. */
export type Failure =
  | { kind: "lost request" | "lost reply" | "no answer" | "garbage" | "cut short" | "too few" }
  | { kind: "html"; status: number }
  | { kind: "problem"; status: number; retryAfter?: string; date?: string };

/** Modules whose pulses the server treats in a way of its own. */
export const MODULE = {
  unknown: 404_001,
  fails400: 400_001,
  fails413: 413_001,
  fails422: 422_001,
  breaksServer: 500_001,
  isKeptBack: 503_001,
};

const MAX_AGE_MS = 7 * 24 * 3600 * 1000;
export const LATENCY_MS = 40;

export class Server {
  /** How the next requests fail, one after the other; then all is well. */
  readonly failures: Failure[] = [];
  /** What fails every request while it stands here. */
  outage: Failure | null = null;
  readonly received: Received[] = [];
  /** By user, the pulses that have counted, by their ids. */
  readonly counted = new Map<string, Map<string, Pulse>>();
  readonly tokens = new Map<string, string>();
  mostAtOnce = 0;
  #atOnce = 0;
  #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  countedOf(user: string | number): Pulse[] {
    return [...(this.counted.get(String(user))?.values() ?? [])];
  }

  fetch = async (_url: string, init: RequestInit): Promise<Response> => {
    const text = init.body as string;
    const bytes = new TextEncoder().encode(text).length;
    const { sent_at, pulses } = JSON.parse(text) as { sent_at: string; pulses: Pulse[] };
    const authorization = new Headers(init.headers).get("Authorization") ?? "";
    const user = this.tokens.get(authorization.replace("Bearer ", "")) ?? "";
    const keepalive = init.keepalive === true;
    this.received.push({ at: this.#clock.wall, user, pulses, sentAt: sent_at, bytes, keepalive });
    const failure = this.outage ?? this.failures.shift();
    if (!keepalive) this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    try {
      await this.#wait(init.signal ?? undefined, failure?.kind === "no answer");
    } finally {
      if (!keepalive) this.#atOnce--;
    }
    return this.#answer(user, sent_at, pulses, bytes, failure);
  };

  #wait(signal: AbortSignal | undefined, forGood: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!forGood) this.#clock.after(LATENCY_MS, resolve);
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  }

  #answer(
    user: string,
    sentAt: string,
    pulses: Pulse[],
    bytes: number,
    failure: Failure | undefined,
  ): Response {
    if (failure?.kind === "lost request") throw new TypeError("Failed to fetch");
    if (failure?.kind === "html") return html(failure.status);
    if (failure?.kind === "garbage") return html(200);
    if (failure?.kind === "problem") {
      const { status, retryAfter, date } = failure;
      return problem(status, {
        ...(retryAfter !== undefined && { "Retry-After": retryAfter }),
        Date: date ?? new Date(this.#clock.true).toUTCString(),
      });
    }
    if (!user) return problem(401);
    if (bytes > 262_144) return problem(413);
    if (pulses.length < 1 || pulses.length > 500) return problem(400);
    const modules = new Set(pulses.map(({ module }) => module));
    if (modules.has(MODULE.fails400)) return problem(400);
    if (modules.has(MODULE.fails413)) return problem(413);
    if (modules.has(MODULE.fails422)) return problem(422);
    if (modules.has(MODULE.breaksServer)) return problem(500);
    const results = pulses.map((pulse) => this.#record(user, sentAt, pulse));
    if (failure?.kind === "lost reply") throw new TypeError("Failed to fetch");
    if (failure?.kind === "too few") results.pop();
    const reply = JSON.stringify({ results, server_time: new Date(this.#clock.wall) });
    return new Response(failure?.kind === "cut short" ? reply.slice(0, reply.length / 2) : reply, {
      headers: { "Content-Type": "application/json" },
    });
  }

  #record(user: string, sentAt: string, pulse: Pulse): unknown {
    const { pulse_id } = pulse;
    const rejected = (status: number) => ({
      status: "rejected",
      pulse_id,
      problem: problemBody(status),
    });
    if (faultOf(pulse)) return rejected(400);
    if (pulse.module === MODULE.unknown) return rejected(404);
    if (pulse.module === MODULE.isKeptBack) return rejected(503);
    const ledger = this.counted.get(user) ?? new Map<string, Pulse>();
    this.counted.set(user, ledger);
    const known = ledger.get(pulse_id);
    if (known && JSON.stringify(known) !== JSON.stringify(pulse)) return rejected(422);
    const age = Date.parse(sentAt) - Date.parse(pulse.occurred_at);
    if (!known && age > MAX_AGE_MS) return rejected(400);
    ledger.set(pulse_id, pulse);
    return {
      status: known ? "duplicate" : "recorded",
      pulse_id,
      resource: { watch_time_seconds: 0, covered_percent: null, completed: false },
      module: { status: "in_progress", progress_percent: 0 },
    };
  }
}

function problemBody(status: number): Problem {
  return { type: `/api/problems/#of-${status}`, title: `Problem ${status}`, status };
}

function problem(status: number, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(problemBody(status)), {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });
}

function html(status: number): Response {
  return new Response("<!doctype html><title>Sign in to this network</title>", { status });
}
