import type { Interval, Place, Tracker } from "./api.ts";
import { addPlayed, MOST_INTERVALS } from "./played.ts";
import type { Ports } from "./ports.ts";
import type { PulseContent } from "./pulse.ts";

const HEARTBEAT_MS = 15_000;
const LOOK_MS = 1000;
/** Looks are a second apart. Where more than this has passed, the machine or the page slept. */
export const LONGEST_GAP_MS = 5000;
/** The server refuses more in one pulse. */
const LONGEST_SECONDS = 300;

export type Claim = Pick<PulseContent, "completed">;

/** What a look at a subject finds. */
export interface Sight {
  /** ms of focus since the last look. */
  focus: number;
  /** What was played since the last look. */
  seen?: Interval;
  /** Time counts from here on. */
  active: boolean;
  /** Time does not count, and it may be long until it does. */
  resting: boolean;
}

/** What a tracker looks at: a player, or a page. */
export interface Subject {
  /** Tell, until `signal`, of everything that may change what `look` finds. */
  listen(changed: (jumped?: boolean) => void, signal: AbortSignal): void;
  /** Judge the `gap` ms since the last look. `jumped`: the position is not one reached by playing. */
  look(gap: number, visible: boolean, jumped: boolean): Sight;
}

export interface Surroundings {
  ports: Pick<Ports, "elapsed" | "after">;
  visible(): boolean;
  record(place: Place, content: PulseContent): void;
}

export interface LookingTracker extends Tracker {
  readonly place: Place;
  /** Send what has gathered, at once, with a claim of completion or without. */
  act(claim?: Claim): void;
  /** See how things are; a pulse is made when one is due. */
  look(jumped?: boolean): void;
}

/** Looks at its subject once a second and at every change, and makes pulses of what it finds. */
export function createTracker(
  place: Place,
  subject: Subject,
  { ports: { elapsed, after }, visible, record }: Surroundings,
  stopped: (tracker: LookingTracker) => void,
): LookingTracker {
  const ending = new AbortController();
  let lookedAt = elapsed();
  /** Gathered, and in no pulse yet. Fractions of a second stay here. */
  let focus = 0;
  let played: Interval[] = [];
  let total = 0;
  let callOff = () => {};

  function pulse(claim?: Claim): void {
    const seconds = Math.min(LONGEST_SECONDS, Math.floor(focus / 1000));
    focus -= seconds * 1000;
    total += seconds;
    record(place, {
      duration_delta: seconds,
      watch_time: total,
      ...claim,
      ...(played.length && { played }),
    });
    played = [];
  }

  /** Everything that is worth a pulse; less than a second of nothing is not. */
  function pulseOfTheRest(): void {
    while (focus >= 1000 || played.length) pulse();
  }

  function look(jumped = false): void {
    const now = elapsed();
    const sight = subject.look(now - lookedAt, visible(), jumped);
    lookedAt = now;
    focus += sight.focus;
    if (sight.seen) addPlayed(played, sight.seen);
    if (focus >= HEARTBEAT_MS || played.length >= MOST_INTERVALS) pulse();
    if (sight.resting) pulseOfTheRest();
    callOff();
    if (sight.active) callOff = after(LOOK_MS, look);
  }

  function act(claim?: Claim): void {
    look();
    pulse(claim);
  }

  const tracker: LookingTracker = {
    place,
    look,
    act,
    complete: () => act({ completed: true }),
    click: () => act(),
    stop() {
      if (ending.signal.aborted) return;
      look();
      pulseOfTheRest();
      callOff();
      ending.abort();
      stopped(tracker);
    },
  };
  subject.listen(look, ending.signal);
  look();
  return tracker;
}
