let total = 0;
let lastSteady = performance.now();
let lastWall = Date.now();

/**
 * Milliseconds that have passed, never fewer than really have; only differences mean something.
 *
 * `performance.now()` may stand still while the machine sleeps, the wall clock may be set back. Of
 * each step the longer one counts, so that a figure can look older than it is, but never younger.
 */
export function elapsed(): number {
  const steady = performance.now();
  const wall = Date.now();
  total += Math.max(steady - lastSteady, wall - lastWall, 0);
  lastSteady = steady;
  lastWall = wall;
  return total;
}
