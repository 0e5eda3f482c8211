/** What the package offers and what it expects; the wire shapes are those of docs/TRACKING_CONTRACT.md. */

import type { Ports } from "./ports.ts";

/** Where learning happens: the ids of a module and of one of its resources. */
export interface Place {
  module: number;
  resource: number;
}

/** Seconds of media, `[from, to]`, with `0 <= from < to`. */
export type Interval = [from: number, to: number];

/** One pulse as it is kept and sent. Its content never changes between tries. */
export interface Pulse extends Place {
  pulse_id: string;
  /** Whole seconds of focus since the last pulse of the same tracker, 0 to 300. */
  duration_delta: number;
  /** All whole seconds of focus of the same tracker so far, this pulse included. */
  watch_time?: number;
  completed?: true;
  played?: Interval[];
  /** The client's clock, ISO 8601 in UTC. */
  occurred_at: string;
}

/** RFC 9457, as the server words it; `type` is `about:blank` where a proxy answered instead. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  instance?: string;
  request_id?: string;
  errors?: { field: string; reason: string }[];
}

/** The learner's standing, as told with a pulse that was recorded or known already. */
export interface Standing {
  status: "recorded" | "duplicate";
  resource: {
    watch_time_seconds: number;
    covered_percent: number | null;
    completed: boolean;
  } | null;
  module: {
    status: "not_started" | "in_progress" | "completed";
    progress_percent: number;
  } | null;
}

export interface TelemetryState {
  /**
   * `idle`: nothing is waiting. `sending`: a request is out. `waiting`: the next try is at
   * `retryAt`. `signed-out`: no token of this user, nothing is lost. `stopped`: after `stop()`.
   */
  status: "idle" | "sending" | "waiting" | "signed-out" | "stopped";
  /** Pulses of this user on this computer that the server has not answered, all tabs together. */
  pending: number;
  /** When the next try is due, in ms since 1970; `null` unless `waiting`. */
  retryAt: number | null;
  /** `memory`: IndexedDB is not there, refuses or is full; what waits does not survive a reload. */
  storage: "indexeddb" | "memory";
  /** Why pulses are not stored, or why the last try failed; `null` when all is well. */
  trouble: string | null;
}

export interface TelemetryOptions {
  /** Where `/api/` is, such as `https://lms.example`; empty for the page's own origin. */
  baseUrl?: string;
  /** Who is signed in. The queue is this user's alone. */
  userId: number | string;
  /** The access token of that user, or `null` while there is none. */
  getToken(): string | null | Promise<string | null>;
  /** Called once after a 401; gives the next access token, or `null` if the user must sign in. */
  refreshToken?(): string | null | Promise<string | null>;
  /** The server refused a pulse for good, and says why. May be called twice for one pulse. */
  onDrop?(pulse: Pulse, problem: Problem): void;
  /** The server has counted a pulse, now or at an earlier try. */
  onRecorded?(pulse: Pulse, standing: Standing): void;
  onState?(state: TelemetryState): void;
  /** Clock, storage, locks and network, for tests and for odd surroundings. */
  ports?: Partial<Ports>;
}

export interface PageOptions {
  /** A page counts as in use until so many seconds after the last key, click, move or scroll. */
  idleAfter?: number;
}

export interface Tracker {
  /** Tell that the resource is done; sends what has gathered, at once. */
  complete(): void;
  /** Something was clicked; sends what has gathered, at once. */
  click(): void;
  /** Send what has gathered and listen no more. */
  stop(): void;
}

export interface Telemetry {
  /** Count a `<video>` or `<audio>` while it plays and is visible. */
  trackVideo(element: HTMLMediaElement, place: Place): Tracker;
  /** Count this page while it is visible and in use. */
  trackPage(place: Place, options?: PageOptions): Tracker;
  /** A completion; with the seconds of the tracker of that place, where one is running. */
  complete(place: Place): void;
  /** A click; with the seconds of the tracker of that place, where one is running. */
  click(place: Place): void;
  /** Send what waits, now; resolves after the try, whatever its outcome. */
  flush(): Promise<void>;
  /** How many pulses of this user wait, all tabs together. */
  pending(): Promise<number>;
  /** Stop all trackers, try once to send what waits, then send nothing more. */
  stop(): Promise<void>;
}

export type CreateTelemetry = (options: TelemetryOptions) => Telemetry;
