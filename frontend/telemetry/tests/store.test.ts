/** What is asked of the store while it is at work. */

import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { expect, test } from "vitest";
import type { Pulse } from "../src/index.ts";
import type { Ports } from "../src/ports.ts";
import { createStore } from "../src/store.ts";
import { PLACE } from "./world.ts";

Object.assign(globalThis, { IDBKeyRange });

const PULSE: Pulse = { pulse_id: "018f0000-0000-7000-8000-000000000001", ...PLACE } as Pulse;

/** IndexedDB that tells of the end of its first transaction only when it is let. */
function tellingLate(): { indexedDB: IDBFactory; tell: () => void } {
  const real = new IDBFactory();
  let tell = () => {};
  const mayTell = new Promise<void>((resolve) => {
    tell = resolve;
  });
  let isFirst = true;
  const open = (name: string, version: number) => {
    const request = real.open(name, version);
    request.addEventListener("success", () => {
      const { result: database } = request;
      const { transaction } = database;
      database.transaction = (...args) => {
        const opened = transaction.apply(database, args);
        if (isFirst) {
          isFirst = false;
          Object.defineProperty(opened, "oncomplete", {
            set: (call: () => void) => {
              opened.addEventListener("complete", () => void mayTell.then(call));
            },
          });
        }
        return opened;
      };
    });
    return request;
  };
  return { indexedDB: { open } as IDBFactory, tell };
}

test("who looks while a pulse is being stored waits for that, and sees it once", async () => {
  const { indexedDB, tell } = tellingLate();
  const ports = { indexedDB, now: () => 0, elapsed: () => 0, after: () => () => {} };
  const store = createStore("1", ports as unknown as Ports);

  const added = store.add(PULSE);
  const seen: Pulse[][] = [];
  const looks = [store.head(10), store.head(10)].map((look) => look.then((it) => seen.push(it)));
  const counted = store.count();
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  expect(seen).toEqual([]);

  tell();
  await Promise.all([added, ...looks]);
  expect(seen).toEqual([[PULSE], [PULSE]]);
  expect(await counted).toBe(1);
  expect(store.condition()).toEqual({ storage: "indexeddb" });
});
