import { LONGEST_GAP_MS, type Sight, type Subject } from "./tracker.ts";

const CHANGES = ["playing", "pause", "waiting", "ended", "timeupdate", "ratechange"];
const JUMPS = ["seeking", "seeked"];
/** The clock of a player and that of the page do not agree to the millisecond. */
const SLACK_SECONDS = 0.5;
/** `HTMLMediaElement.HAVE_CURRENT_DATA`: with no more than this, it stands still. */
const HAVE_CURRENT_DATA = 2;

/** A player: time counts while it plays and is visible. */
export function videoSubject(element: HTMLMediaElement): Subject {
  let wasActive = false;
  let lastPosition = 0;
  let lastRate = 1;

  return {
    listen(changed, signal) {
      for (const type of [...CHANGES, ...JUMPS]) {
        element.addEventListener(type, () => changed(JUMPS.includes(type)), { signal });
      }
    },

    look(gap, visible, jumped) {
      const { currentTime, paused, ended, seeking, readyState, playbackRate } = element;
      const rate = Math.max(playbackRate, lastRate);
      const step = currentTime - lastPosition;
      // Further than playing could have brought it: somebody sought, and the event is still to come.
      const isSeek = jumped || seeking || step > (gap / 1000) * rate + SLACK_SECONDS;
      const seen = wasActive && !isSeek ? Math.max(0, step) : 0;
      const resting = !visible || paused || ended;
      const active = !resting && !seeking && readyState > HAVE_CURRENT_DATA;
      // After a long gap, only the player itself can tell how long it went on.
      const played = gap > LONGEST_GAP_MS ? Math.min(gap, (seen / rate) * 1000) : gap;
      const sight: Sight = {
        focus: wasActive ? played : 0,
        seen: [lastPosition, lastPosition + seen],
        active,
        resting,
      };
      wasActive = active;
      lastPosition = currentTime;
      lastRate = Math.abs(playbackRate) || 1;
      return sight;
    },
  };
}
