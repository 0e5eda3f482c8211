import { beforeEach, expect, test, vi } from "vitest";
import { transmit } from "@/http/transport";
import { FakeServer, stamped, unchanged } from "@/testing/fakeServer";
import { FiguresClient } from "./figures";

let server: FakeServer;
let figures: FiguresClient;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  figures = new FiguresClient(transmit);
});

test("the second time it asks whether there is anything new, and 304 keeps data with a new age", async () => {
  server.on("/f/", stamped({ n: 1 }, { age: 10, refresh: 4, etag: '"a"', total: 9 }));
  const first = await figures.get("/f/");
  expect(server.asked[0]?.headers.get("If-None-Match")).toBeNull();

  server.on("/f/", unchanged({ age: 70, refresh: 4, status: "fresh" }));
  const second = await figures.get("/f/");
  expect(server.asked[1]?.headers.get("If-None-Match")).toBe('"a"');
  expect(second.data).toBe(first.data);
  expect(second.total).toBe(9);
  expect(second.reading.age).toBe(70);
});

test("another answer takes the place of the first, with its own tag", async () => {
  server.on("/f/", stamped({ n: 1 }, { etag: '"a"' }));
  await figures.get("/f/");
  server.on("/f/", stamped({ n: 2 }, { etag: '"b"', refresh: 2 }));
  expect((await figures.get<{ n: number }>("/f/")).data.n).toBe(2);
  await figures.get("/f/");
  expect(server.asked[2]?.headers.get("If-None-Match")).toBe('"b"');
});

test("tags belong to one address, and are forgotten with the person", async () => {
  server.on("/f/", stamped({}, { etag: '"a"' }));
  await figures.get("/f/?team=1");
  await figures.get("/f/?team=2");
  expect(server.asked[1]?.headers.get("If-None-Match")).toBeNull();
  figures.forget();
  await figures.get("/f/?team=1");
  expect(server.asked[2]?.headers.get("If-None-Match")).toBeNull();
});

test("keeps so many answers and no more", async () => {
  server.on("/f/", stamped({}, { etag: '"a"' }));
  for (let page = 1; page <= 61; page += 1) await figures.get(`/f/?page=${page}`);
  await figures.get("/f/?page=1");
  await figures.get("/f/?page=61");
  const [first, last] = server.asked.slice(-2);
  expect(first?.headers.get("If-None-Match")).toBeNull();
  expect(last?.headers.get("If-None-Match")).toBe('"a"');
});
