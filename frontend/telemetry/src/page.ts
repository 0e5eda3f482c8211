import type { Ports } from "./ports.ts";
import { LONGEST_GAP_MS, type Subject } from "./tracker.ts";

const SIGNS_OF_USE = ["pointerdown", "pointermove", "keydown", "wheel", "scroll"];

/** A page: time counts while it is visible and in use, until `idleMs` after the last sign of use. */
export function pageSubject(
  { elapsed, window }: Pick<Ports, "elapsed" | "window">,
  idleMs: number,
): Subject {
  let wasActive = false;
  let idleFrom = elapsed() + idleMs;

  return {
    listen(changed, signal) {
      const used = () => {
        // A pointer moves many times a second; while time counts, the next look will do.
        const isBack = !wasActive || elapsed() >= idleFrom;
        if (isBack) changed();
        idleFrom = elapsed() + idleMs;
        if (isBack) changed();
      };
      for (const type of SIGNS_OF_USE) {
        window.addEventListener(type, used, { capture: true, passive: true, signal });
      }
    },

    look(gap, visible) {
      const now = elapsed();
      const counts = wasActive && gap <= LONGEST_GAP_MS;
      const focus = counts ? Math.min(gap, idleFrom - (now - gap)) : 0;
      wasActive = visible && now < idleFrom;
      return { focus, active: wasActive, resting: !wasActive };
    },
  };
}
