import { screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { sayError } from "@/http/problem";
import { ageOf } from "@/polling/freshness";
import { FakeServer, problem, stamped, unchanged } from "@/testing/fakeServer";
import { signIn } from "@/testing/people";
import { pass, setHidden, setOnline, show } from "@/testing/show";
import { type Endpoint, SUMMARY_EVERY } from "./endpoints";
import { useManagerAnalytics } from "./useManagerAnalytics";

let server: FakeServer;

beforeEach(async () => {
  vi.useFakeTimers();
  server = new FakeServer();
  await signIn(server);
});

const one: Endpoint<{ n: number }> = { path: "/one/", every: 60_000 };
const two: Endpoint<{ n: number }> = { path: "/two/", every: 30_000 };

function Page({ endpoints }: { endpoints: Record<string, Endpoint<{ n: number }>> }) {
  const { data, loading, error, reading } = useManagerAnalytics(endpoints);
  return (
    <output>
      {JSON.stringify({
        n: Object.values(data).map((value) => value?.n ?? null),
        loading,
        error: error ? sayError(error) : "",
        age: reading ? Math.round(ageOf(reading)) : null,
      })}
    </output>
  );
}

const shown = () => JSON.parse(screen.getByRole("status").textContent ?? "{}");

test("loads, shows, and asks again at each address's own interval", async () => {
  let n = 0;
  server.on("/one/", () => stamped({ n: ++n }));
  server.on("/two/", () => stamped({ n: 100 }));
  show(<Page endpoints={{ one, two }} />);
  expect(shown()).toMatchObject({ n: [null, null], loading: true });
  await pass(0);
  expect(shown()).toMatchObject({ n: [1, 100], loading: false, error: "" });

  await pass(66_000);
  expect(shown().n).toEqual([2, 100]);
  expect(server.askedFor("/one/")).toHaveLength(2);
  expect(server.askedFor("/two/").length).toBeGreaterThanOrEqual(3);
  expect(server.askedFor("/two/").length).toBeLessThanOrEqual(4);
});

test("three figures of a page cost three requests an interval, and no more in an hour", async () => {
  for (const path of ["/a/", "/b/", "/c/"]) server.on(path, () => stamped({ n: 1 }));
  const endpoints = Object.fromEntries(
    ["a", "b", "c"].map((name) => [name, { path: `/${name}/`, every: SUMMARY_EVERY }]),
  );
  show(<Page endpoints={endpoints} />);
  await pass(3_600_000);
  const asked = server.asked.filter(({ path }) => path.length === 3);
  expect(asked.length).toBeLessThanOrEqual(3 * (1 + 3_600_000 / 54_000));
  expect(asked.length).toBeGreaterThanOrEqual(3 * (3_600_000 / 66_000 - 1));
});

test("asks with the tag of what it has; 304 keeps the figures and renews their age", async () => {
  server.on("/one/", stamped({ n: 1 }, { age: 10, etag: '"t"' }));
  show(<Page endpoints={{ one }} />);
  await pass(0);
  server.on("/one/", unchanged({ age: 65 }));
  await pass(66_000);
  expect(server.asked.at(-1)?.headers.get("If-None-Match")).toBe('"t"');
  expect(shown().n).toEqual([1]);
  expect(shown().age).toBeGreaterThanOrEqual(65);
});

test("keeps what came last when a later request fails, and recovers by itself", async () => {
  server.on("/one/", () => stamped({ n: 1 }));
  show(<Page endpoints={{ one }} />);
  await pass(0);
  server.down();
  await pass(66_000);
  expect(shown()).toMatchObject({
    n: [1],
    error: "The server cannot be reached. Check the connection.",
  });
  server.down(false);
  server.on("/one/", () => stamped({ n: 2 }));
  await pass(66_000);
  expect(shown()).toMatchObject({ n: [2], error: "" });
});

test("an answer that does not come in time is a failure; the figures stay", async () => {
  server.on("/one/", () => stamped({ n: 1 }));
  show(<Page endpoints={{ one }} />);
  await pass(0);
  vi.spyOn(AbortSignal, "timeout").mockReturnValue(
    AbortSignal.abort(new DOMException("", "TimeoutError")),
  );
  server.on("/one/", () => Promise.reject(new DOMException("", "TimeoutError")));
  await pass(66_000);
  expect(shown()).toMatchObject({ n: [1], error: "The server did not answer in time." });
});

test("while nothing has been computed, asks as soon as the server says, not faster", async () => {
  server.on(
    "/one/",
    problem(503, "not-computed", "Not yet.", { headers: { "Retry-After": "10" } }),
  );
  show(<Page endpoints={{ one }} />);
  await pass(0);
  expect(shown().error).toBe("The figures have not been computed yet.");
  await pass(9_000);
  expect(server.askedFor("/one/")).toHaveLength(1);
  server.on("/one/", () => stamped({ n: 1 }));
  await pass(1_500);
  expect(shown()).toMatchObject({ n: [1], error: "" });
});

test("asks nothing while hidden or offline, and at once on return", async () => {
  server.on("/one/", () => stamped({ n: 1 }));
  show(<Page endpoints={{ one }} />);
  await pass(0);
  setHidden(true);
  await pass(600_000);
  expect(server.askedFor("/one/")).toHaveLength(1);
  setHidden(false);
  await pass(0);
  expect(server.askedFor("/one/")).toHaveLength(2);
  setOnline(false);
  await pass(600_000);
  expect(server.askedFor("/one/")).toHaveLength(2);
  setOnline(true);
  await pass(0);
  expect(server.askedFor("/one/")).toHaveLength(3);
});

test("asks nothing more once the page is gone", async () => {
  server.on("/one/", () => stamped({ n: 1 }));
  const { unmount } = show(<Page endpoints={{ one }} />);
  await pass(0);
  unmount();
  await pass(600_000);
  expect(server.askedFor("/one/")).toHaveLength(1);
});
