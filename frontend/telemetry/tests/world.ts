/** One computer with tabs that come and go, and a server; all of it on one clock. */

import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import type { Problem, Pulse, Telemetry, TelemetryOptions, TelemetryState } from "../src/index.ts";
import { createTelemetry } from "../src/index.ts";
import { Clock } from "./clock.ts";
import { Server } from "./server.ts";

// What a browser has and Node has not; each tab gets its own by `ports`.
Object.assign(globalThis, { IDBKeyRange, window: new EventTarget(), document: new EventTarget() });

export const BASE_URL = "https://lms.example";
export const PLACE = { module: 1, resource: 1 };

let worlds = 0;

export interface TabOptions extends Partial<TelemetryOptions> {
  hasLocks?: boolean;
  hasStorage?: boolean;
  wrapStorage?(factory: IDBFactory): IDBFactory;
}

export class World {
  readonly clock = new Clock();
  readonly server = new Server(this.clock);
  readonly storage = new IDBFactory();
  /** Locks of this computer alone; the lock manager is that of the whole process. */
  readonly name = `world ${worlds++} `;
  readonly dropped: { pulse: Pulse; problem: Problem }[] = [];
  readonly recorded: Pulse[] = [];
  isOnline = true;
  #random = 0;
  #activity = 0;
  #open = 0;

  token(user: string | number): string {
    const token = `token of ${user}`;
    this.server.tokens.set(token, String(user));
    return token;
  }

  tab(options: TabOptions = {}): Tab {
    return new Tab(this, options);
  }

  /** Let time pass, with all that comes of it. */
  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms, () => this.settle());
  }

  /** Until nothing moves any more without time passing. */
  async settle(): Promise<void> {
    for (let quiet = 0, last = -1; quiet < 3; ) {
      for (let turns = 0; turns < 4; turns++) await new Promise(setImmediate);
      quiet = this.#open === 0 && this.#activity === last ? quiet + 1 : 0;
      last = this.#activity;
    }
  }

  random(): number {
    this.#random = (this.#random * 16_807 + 12_345) % 2_147_483_647;
    return this.#random / 2_147_483_647;
  }

  moved(): void {
    this.#activity++;
  }

  watch(transaction: IDBTransaction): void {
    this.#open++;
    const end = () => {
      this.#open--;
      this.#activity++;
    };
    transaction.addEventListener("complete", end);
    transaction.addEventListener("abort", end);
  }
}

class Page extends EventTarget {
  visibilityState: DocumentVisibilityState = "visible";
}

export class Tab {
  readonly world: World;
  readonly telemetry: Telemetry;
  readonly window = new EventTarget();
  readonly document = new Page();
  readonly states: TelemetryState[] = [];
  #isDead = false;
  readonly #died: Promise<void>;
  #die = (): void => {};
  readonly #databases: IDBDatabase[] = [];

  constructor(world: World, options: TabOptions) {
    this.world = world;
    this.#died = new Promise((resolve) => {
      this.#die = resolve;
    });
    const { hasLocks = true, hasStorage = true, wrapStorage = (it) => it, ...rest } = options;
    const userId = rest.userId ?? 1;
    this.telemetry = createTelemetry({
      baseUrl: BASE_URL,
      userId,
      getToken: () => world.token(userId),
      onDrop: (pulse, problem) => {
        if (!this.#isDead) world.dropped.push({ pulse, problem });
      },
      onRecorded: (pulse) => {
        if (!this.#isDead) world.recorded.push(pulse);
      },
      onState: (state) => this.states.push(state),
      ...rest,
      ports: {
        now: () => Math.trunc(world.clock.wall),
        elapsed: () => world.clock.monotonic,
        after: (ms, call) =>
          world.clock.after(ms, () => {
            if (!this.#isDead) call();
          }),
        random: () => world.random(),
        fetch: (url, init) => this.#fetch(url as string, init as RequestInit),
        indexedDB: hasStorage ? wrapStorage(this.#storage()) : null,
        locks: hasLocks ? this.#locks() : null,
        window: this.window,
        document: this.document,
        ...rest.ports,
      },
    });
  }

  get state(): TelemetryState | undefined {
    return this.states.at(-1);
  }

  hide(): void {
    this.document.visibilityState = "hidden";
    this.document.dispatchEvent(new Event("visibilitychange"));
  }

  show(): void {
    this.document.visibilityState = "visible";
    this.document.dispatchEvent(new Event("visibilitychange"));
  }

  goOnline(): void {
    this.window.dispatchEvent(new Event("online"));
  }

  /** The process ends, in the middle of whatever it does. */
  crash(): void {
    this.#isDead = true;
    for (const database of this.#databases) database.close();
    this.#die();
  }

  /** The person leaves; the page hears of it and has no time left. */
  close(): void {
    this.window.dispatchEvent(new Event("pagehide"));
    this.hide();
    // What was asked of the browser before this point is done, also without the page.
    this.crash();
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const { world } = this;
    if (this.#isDead) return new Promise(() => {});
    world.moved();
    if (!world.isOnline) throw new TypeError("Failed to fetch");
    const response = await world.server.fetch(url, init).finally(() => world.moved());
    return this.#isDead ? new Promise(() => {}) : response;
  }

  #storage(): IDBFactory {
    const { world } = this;
    return {
      open: (name: string, version: number) => {
        if (this.#isDead) throw new Error("This tab is closed.");
        const request = world.storage.open(name, version);
        world.moved();
        request.addEventListener("success", () => {
          world.moved();
          const database = request.result;
          this.#databases.push(database);
          const { transaction } = database;
          database.transaction = (...args) => {
            const opened = transaction.apply(database, args);
            world.watch(opened);
            return opened;
          };
        });
        return request;
      },
    } as IDBFactory;
  }

  #locks(): Pick<LockManager, "request"> {
    const { world } = this;
    const request = (name: string, options: LockOptions, work: () => Promise<void>) => {
      world.moved();
      return navigator.locks.request(world.name + name, options, async () => {
        world.moved();
        // The browser takes back what a dead tab held.
        await Promise.race([work(), this.#died]);
        world.moved();
      });
    };
    return { request: request as unknown as LockManager["request"] };
  }
}
