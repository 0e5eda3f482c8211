/** Where pulses wait: in IndexedDB, and in memory while that is not to be had. */

import type { Pulse, TelemetryState } from "./api.ts";
import type { Ports } from "./ports.ts";
import { within } from "./within.ts";

/** When the next request may go out, for all tabs of an owner. Times in ms since 1970. */
export interface Gate {
  /** Tries that failed in a row. */
  failures: number;
  notBefore: number;
  /** How long that was when it was set, in ms. */
  wait: number;
  /** The server named the time itself: nothing opens the gate earlier. */
  strict: boolean;
}

/**
 * The pulses of one owner, in the order in which they were made. Nothing here rejects: what fails
 * in IndexedDB is done in memory, and `condition` tells of it.
 */
export interface Store {
  /** In memory at once; resolves when stored, or when it is clear that it cannot be. */
  add(pulse: Pulse): Promise<void>;
  /** The first pulses that wait. */
  head(limit: number): Promise<Pulse[]>;
  count(): Promise<number>;
  /** Whether they are gone for good; if not, they come up again. */
  remove(ids: readonly string[]): Promise<boolean>;
  gate(): Promise<Gate>;
  setGate(gate: Gate): Promise<void>;
  /** The gate as this tab last knew it. */
  lastGate(): Gate;
  /**
   * Claim to be the one who sends, for `ms`, where the browser has no locks. Gives 0, or the ms for
   * which another tab has claimed it.
   */
  claim(ms: number): Promise<number>;
  unclaim(): Promise<unknown>;
  /** `trouble`: why pulses are in memory, if they are. */
  condition(): Pick<TelemetryState, "storage"> & { trouble?: string };
}

const DATABASE = "pulseboard-telemetry";
const PULSES = "pulses";
const GATES = "gates";
/** Browsers are known to leave a request unanswered. */
const PATIENCE_MS = 5000;

export function createStore(owner: string, ports: Ports): Store {
  const { indexedDB, elapsed, now } = ports;
  const claimKey = `${owner} sends`;
  /** By their ids, in the order in which they came. */
  const memory = new Map<string, Pulse>();
  const moves = new Map<string, Promise<unknown>>();
  let database: IDBDatabase | undefined;
  let opening: Promise<IDBDatabase> | undefined;
  let shunnedUntil = 0;
  let knownGate: Gate = { failures: 0, notBefore: 0, wait: 0, strict: false };
  let trouble = indexedDB ? "" : "no IndexedDB";

  function forget(): void {
    database?.close();
    database = opening = undefined;
  }

  function open(factory: IDBFactory): Promise<IDBDatabase> {
    opening ??= new Promise((resolve, reject) => {
      const request = factory.open(DATABASE, 1);
      request.onupgradeneeded = () => {
        // Ids of version 7 are in the order of their making.
        request.result.createObjectStore(PULSES, { keyPath: ["owner", "pulse.pulse_id"] });
        request.result.createObjectStore(GATES);
      };
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        database = request.result;
        database.onclose = database.onversionchange = forget;
        resolve(database);
      };
    });
    return opening;
  }

  /** What `work` answers, once its transaction is complete; `undefined` if that fails. */
  async function run<T>(
    name: string,
    work: (store: IDBObjectStore) => { result: T },
  ): Promise<T | undefined> {
    if (!indexedDB || elapsed() < shunnedUntil) return undefined;
    try {
      // With the database open, what a page asks for while it goes away is asked for in time.
      const opened = database ?? (await within(ports, PATIENCE_MS, open(indexedDB)));
      const answer = new Promise<T>((resolve, reject) => {
        const transaction = opened.transaction(name, "readwrite");
        const request = work(transaction.objectStore(name));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = () => reject(transaction.error);
      });
      return await within(ports, PATIENCE_MS, answer);
    } catch (error) {
      trouble = `IndexedDB: ${error}`;
      // One that is full may answer the next question; one that does not answer is left alone.
      if ((error as Error | null)?.name !== "QuotaExceededError") {
        forget();
        shunnedUntil = elapsed() + PATIENCE_MS;
      }
      return undefined;
    }
  }

  /** Bring what is in memory into IndexedDB. */
  async function move(): Promise<void> {
    const waiting = [...memory].filter(([id]) => !moves.has(id));
    if (waiting.length) {
      const moving = run<true>(PULSES, (pulses) => {
        for (const [, pulse] of waiting) pulses.put({ owner, pulse });
        return { result: true };
      });
      for (const [id] of waiting) moves.set(id, moving);
      const isStored = await moving;
      for (const [id] of waiting) {
        moves.delete(id);
        if (isStored) memory.delete(id);
      }
      if (isStored && !memory.size) trouble = "";
    }
    await Promise.all(moves.values());
  }

  /** All keys of this owner. */
  function range(): IDBKeyRange {
    return IDBKeyRange.bound([owner], [owner, []]);
  }

  return {
    add(pulse) {
      memory.set(pulse.pulse_id, pulse);
      return move();
    },
    async head(limit) {
      await move();
      const stored = await run<{ pulse: Pulse }[]>(PULSES, (pulses) =>
        pulses.getAll(range(), limit),
      );
      return [...(stored ?? []).map(({ pulse }) => pulse), ...memory.values()].slice(0, limit);
    },
    async count() {
      await move();
      const stored = await run<number>(PULSES, (pulses) => pulses.count(range()));
      return (stored ?? 0) + memory.size;
    },
    async remove(ids) {
      for (const id of ids) memory.delete(id);
      const removed = await run<true>(PULSES, (pulses) => {
        for (const id of ids) pulses.delete([owner, id]);
        return { result: true };
      });
      return removed ?? !indexedDB;
    },
    async gate() {
      const stored = await run<Gate | undefined>(GATES, (gates) => gates.get(owner));
      if (stored) knownGate = stored;
      return knownGate;
    },
    async setGate(gate) {
      knownGate = gate;
      await run(GATES, (gates) => gates.put(gate, owner));
    },
    lastGate: () => knownGate,
    async claim(ms) {
      const answer = await run<number>(GATES, (gates) => {
        const outcome = { result: 0 };
        const held = gates.get(claimKey);
        held.onsuccess = () => {
          const left = (held.result ?? 0) - now();
          // A clock that was set back makes a claim look longer than any was.
          if (left > 0 && left <= ms) outcome.result = left;
          else gates.put(now() + ms, claimKey);
        };
        return outcome;
      });
      return answer ?? 0;
    },
    unclaim: () => run(GATES, (gates) => gates.delete(claimKey)),
    condition: () => ({
      storage: memory.size || !indexedDB ? "memory" : "indexeddb",
      ...(trouble && { trouble }),
    }),
  };
}
