/** A clock that stands still until it is told to go on. */

const START = Date.UTC(2026, 1, 10, 7, 0, 0);

interface Timer {
  at: number;
  order: number;
  call(): void;
}

export class Clock {
  /** ms since 1970; a user may set it. */
  wall = START;
  /** ms that never jump. */
  monotonic = 0;
  #timers = new Set<Timer>();
  #order = 0;

  after = (ms: number, call: () => void): (() => void) => {
    const timer = { at: this.monotonic + Math.max(0, ms), order: this.#order++, call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Run what falls due within `ms`, with `settle` after each step, so that its effects can follow. */
  async advance(ms: number, settle: () => Promise<void>): Promise<void> {
    const end = this.monotonic + ms;
    await settle();
    for (;;) {
      const next = [...this.#timers]
        .filter(({ at }) => at <= end)
        .sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (!next) break;
      this.#timers.delete(next);
      this.#goTo(Math.max(next.at, this.monotonic));
      next.call();
      await settle();
    }
    this.#goTo(end);
  }

  /** ms since 1970, by a clock that nobody sets. */
  get true(): number {
    return START + this.monotonic;
  }

  /** Time passes and nothing runs, as while a laptop sleeps. */
  sleep(ms: number): void {
    this.#goTo(this.monotonic + ms);
  }

  #goTo(monotonic: number): void {
    this.wall += monotonic - this.monotonic;
    this.monotonic = monotonic;
  }
}
