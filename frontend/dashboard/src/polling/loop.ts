import { elapsed } from "./elapsed";
import { isPresent, onPresenceChange } from "./presence";

/** Share of the interval by which rounds move, so that the tabs of a company do not beat as one. */
const JITTER = 0.1;

interface Watch {
  every: number;
  due: number;
  poll: () => Promise<number | null>;
  watchers: number;
  underWay: boolean;
}

/**
 * The one loop of a tab that asks for figures again and again.
 *
 * What is watched under one key is asked for once, however many components watch it. Watches of
 * one interval keep together, so a page's figures come from one refresh where they can. While the
 * tab is hidden or offline nothing is asked; on return at once, if it is due.
 */
export class PollLoop {
  private readonly watches = new Map<string, Watch>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly random: () => number = Math.random) {
    onPresenceChange(() => this.arrange());
  }

  /**
   * @param every milliseconds
   * @param poll resolves with null, or with the milliseconds after which to ask again instead
   * @returns ends the watch
   */
  watch(key: string, every: number, poll: () => Promise<number | null>): () => void {
    const known = this.watches.get(key);
    if (known) {
      known.watchers += 1;
      known.poll = poll;
    } else {
      this.watches.set(key, {
        every,
        due: this.nextRound(every),
        poll,
        watchers: 1,
        underWay: false,
      });
    }
    this.arrange();
    return () => {
      const watch = this.watches.get(key);
      if (!watch) return;
      watch.watchers -= 1;
      if (watch.watchers === 0) this.watches.delete(key);
      this.arrange();
    };
  }

  /** Puts off the next round of a key that was just asked for in another way. */
  asked(key: string): void {
    const watch = this.watches.get(key);
    if (watch) watch.due = this.nextRound(watch.every);
    this.arrange();
  }

  /** Has a key asked for again in so many milliseconds, if that is sooner than planned. */
  hasten(key: string, milliseconds: number): void {
    const watch = this.watches.get(key);
    if (watch) watch.due = Math.min(watch.due, elapsed() + milliseconds);
    this.arrange();
  }

  private nextRound(every: number): number {
    const now = elapsed();
    for (const watch of this.watches.values()) {
      // Join a round that is planned about when this one would be.
      if (watch.every === every && watch.due > now + every * (1 - JITTER)) return watch.due;
    }
    return now + every * (1 - JITTER + 2 * JITTER * this.random());
  }

  private arrange(): void {
    clearTimeout(this.timer);
    if (!isPresent()) return;
    let next = Number.POSITIVE_INFINITY;
    for (const watch of this.watches.values())
      if (!watch.underWay) next = Math.min(next, watch.due);
    if (next === Number.POSITIVE_INFINITY) return;
    this.timer = setTimeout(() => this.round(), Math.max(0, next - elapsed()));
  }

  private round(): void {
    const now = elapsed();
    for (const watch of this.watches.values()) {
      if (!watch.underWay && watch.due <= now) void this.ask(watch);
    }
    this.arrange();
  }

  private async ask(watch: Watch): Promise<void> {
    watch.underWay = true;
    watch.due = this.nextRound(watch.every);
    try {
      const sooner = await watch.poll();
      if (sooner !== null) watch.due = elapsed() + sooner;
    } finally {
      watch.underWay = false;
      this.arrange();
    }
  }
}
