import type { Place, Telemetry, TelemetryOptions, Tracker } from "./api.ts";
import { pageSubject } from "./page.ts";
import { browserPorts } from "./ports.ts";
import { checkPlace, makePulse, type PulseContent } from "./pulse.ts";
import { createSender } from "./sender.ts";
import { type Claim, createTracker, type LookingTracker, type Subject } from "./tracker.ts";
import { videoSubject } from "./video.ts";

const PATH = "api/tracking/pulses/";
const IDLE_AFTER_SECONDS = 60;

/** The telemetry of one user on one page; what an earlier page left is sent, too. */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  const ports = { ...browserPorts(), ...options.ports };
  const sender = createSender(options, ports, addressOf(options.baseUrl));
  const trackers = new Set<LookingTracker>();
  const ending = new AbortController();
  let isGone = false;

  function visible(): boolean {
    return !isGone && ports.document.visibilityState === "visible";
  }

  function record(place: Place, content: PulseContent): void {
    checkPlace(place);
    sender.add(makePulse(place, content, ports.now())).then(() => sender.wake());
  }

  function track(place: Place, subject: Subject): Tracker {
    checkPlace(place);
    const tracker = createTracker({ ...place }, subject, { ports, visible, record }, (it) =>
      trackers.delete(it),
    );
    trackers.add(tracker);
    return tracker;
  }

  /** With the seconds of the tracker of that place, where there is one. */
  function act(place: Place, claim?: Claim): void {
    for (const tracker of trackers) {
      const { module, resource } = tracker.place;
      if (module === place.module && resource === place.resource) {
        tracker.act(claim);
        return;
      }
    }
    record(place, { duration_delta: 0, ...claim });
  }

  /** See what the change means; a page that is hidden may never run again. */
  function look(): void {
    for (const tracker of trackers) tracker.look();
    if (!visible()) sender.farewell();
  }

  function on(target: EventTarget, type: string, listener: () => void): void {
    target.addEventListener(type, listener, { signal: ending.signal });
  }

  on(ports.document, "visibilitychange", look);
  on(ports.window, "pagehide", () => {
    isGone = true;
    look();
  });
  on(ports.window, "pageshow", () => {
    isGone = false;
    look();
  });
  on(ports.window, "online", () => sender.wake(true));
  sender.wake();

  return {
    trackVideo: (element, place) => track(place, videoSubject(element)),
    trackPage: (place, { idleAfter = IDLE_AFTER_SECONDS } = {}) =>
      track(place, pageSubject(ports, idleAfter * 1000)),
    complete: (place) => act(place, { completed: true }),
    click: (place) => act(place),
    flush: () => sender.wake(true),
    pending: sender.pending,
    async stop() {
      for (const tracker of [...trackers]) tracker.stop();
      ending.abort();
      await sender.stop();
    },
  };
}

/** Where pulses go, in full. Raises where `baseUrl` is no address. */
function addressOf(baseUrl = ""): string {
  return new URL(baseUrl.replace(/\/*$/, "/") + PATH, globalThis.location?.href).href;
}
