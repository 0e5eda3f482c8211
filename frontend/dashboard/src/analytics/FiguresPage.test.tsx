import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { FakeServer, json, problem, stamped, unchanged } from "@/testing/fakeServer";
import { signIn } from "@/testing/people";
import { pass, show } from "@/testing/show";
import { type Endpoint, REFRESH_PATH } from "./endpoints";
import { FiguresPage } from "./FiguresPage";
import { useManagerAnalytics } from "./useManagerAnalytics";

let server: FakeServer;

beforeEach(async () => {
  vi.useFakeTimers();
  server = new FakeServer();
  await signIn(server);
});

const endpoint: Endpoint<{ n: number }> = { path: "/figures/", every: 60_000 };

function Page() {
  const analytics = useManagerAnalytics({ figures: endpoint });
  return (
    <FiguresPage title="Figures" what="the figures" path={endpoint.path} {...analytics}>
      <p>n is {analytics.data.figures?.n}</p>
    </FiguresPage>
  );
}

const status = () => screen.getByTestId("freshness").dataset.status;

test("loading, then the figures with their age", async () => {
  server.on("/figures/", stamped({ n: 7 }, { age: 45 }));
  show(<Page />);
  expect(screen.getByTestId("loading").textContent).toContain("Loading the figures");
  await pass(0);
  expect(screen.getByText("n is 7")).toBeTruthy();
  expect(screen.getByTestId("age").textContent).toBe("45 seconds ago");
  await pass(10_000);
  expect(screen.getByTestId("age").textContent).toBe("55 seconds ago");
});

test("a page left alone turns stale and then outdated by itself, without any answer", async () => {
  server.on("/figures/", stamped({ n: 7 }, { age: 100 }));
  show(<Page />);
  await pass(0);
  expect(status()).toBe("fresh");
  server.on("/figures/", () => new Promise<Response>(() => undefined));
  await pass(21_000);
  expect(status()).toBe("stale");
  expect(screen.getByTestId("stale").textContent).toContain("more than 2 minutes old");
  expect(screen.getByText("n is 7")).toBeTruthy();
  await pass(180_000);
  expect(status()).toBe("outdated");
  expect(screen.getByTestId("outdated").textContent).toContain("Data may be outdated");
  expect(screen.queryByTestId("stale")).toBeNull();
});

test("stands by the server when it calls its figures stale or outdated", async () => {
  server.on("/figures/", stamped({ n: 7 }, { age: 400, status: "outdated" }));
  show(<Page />);
  await pass(0);
  expect(status()).toBe("outdated");
  expect(screen.getByTestId("age").textContent).toBe("6 minutes ago");
});

test("a failure keeps the figures, says so, and lets one try again", async () => {
  server.on("/figures/", stamped({ n: 7 }));
  show(<Page />);
  await pass(0);
  server.on("/figures/", problem(503, "unavailable", "The database does not answer."));
  await pass(66_000);
  expect(screen.getByText("n is 7")).toBeTruthy();
  const message = screen.getByTestId("update-failed");
  expect(message.textContent).toContain("The database does not answer. Request r-12345678.");
  expect(message.closest('[role="status"]')).toBeTruthy();

  server.on("/figures/", stamped({ n: 8 }));
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await pass(0);
  expect(screen.getByText("n is 8")).toBeTruthy();
  expect(screen.queryByTestId("update-failed")).toBeNull();
});

test("a failure before anything came is said in place of the figures", async () => {
  server.down();
  show(<Page />);
  await pass(0);
  expect(screen.getByRole("alert").textContent).toContain("Could not load the figures");
  server.down(false);
  server.on("/figures/", stamped({ n: 7 }));
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await pass(0);
  expect(screen.getByText("n is 7")).toBeTruthy();
});

test("nothing computed yet is a state of its own, and ends by itself", async () => {
  server.on(
    "/figures/",
    problem(503, "not-computed", "Not yet.", { headers: { "Retry-After": "5" } }),
  );
  show(<Page />);
  await pass(0);
  expect(screen.getByTestId("not-computed").textContent).toContain("Nothing has been computed yet");
  server.on("/figures/", stamped({ n: 7 }));
  await pass(6_000);
  expect(screen.getByText("n is 7")).toBeTruthy();
});

test("what is out of sight is not found", async () => {
  server.on("/figures/", problem(404, "not-found", "There is no such thing."));
  show(<Page />);
  await pass(0);
  expect(screen.getByTestId("not-found")).toBeTruthy();
});

const refreshAnswer = (state: string) =>
  json(
    {
      status: state,
      refresh_id: 4,
      computed_at: "2026-02-10T07:35:00Z",
      data_freshness_seconds: 9,
    },
    202,
  );

test("a refresh asks the server to compute, and waits until there is a later one", async () => {
  server.on("/figures/", stamped({ n: 7 }, { refresh: 4, etag: '"4"' }));
  server.on(REFRESH_PATH, () => refreshAnswer("requested"));
  show(<Page />);
  await pass(0);
  fireEvent.click(screen.getByRole("button", { name: "Refresh" }));
  await pass(0);
  expect(screen.getByRole("button", { name: "Refreshing …" }).getAttribute("aria-disabled")).toBe(
    "true",
  );
  server.on("/figures/", unchanged({ refresh: 4, etag: '"4"' }));
  await pass(1_000);
  expect(screen.getByText("n is 7")).toBeTruthy();

  server.on("/figures/", stamped({ n: 8 }, { refresh: 5, age: 0 }));
  await pass(2_000);
  expect(screen.getByText("n is 8")).toBeTruthy();
  expect(screen.getByTestId("refresh-outcome").textContent).toBe("The figures are up to date.");
  expect(screen.getByTestId("freshness").dataset.refreshId).toBe("5");
  expect(server.askedFor(REFRESH_PATH).map(({ method, body }) => [method, body])).toEqual([
    ["POST", {}],
  ]);
});

test("a refresh that was just made is taken as it is", async () => {
  server.on("/figures/", stamped({ n: 7 }, { refresh: 4 }));
  server.on(REFRESH_PATH, () => refreshAnswer("recent"));
  show(<Page />);
  await pass(0);
  fireEvent.click(screen.getByRole("button", { name: "Refresh" }));
  await pass(0);
  expect(screen.getByTestId("refresh-outcome").textContent).toBe("The figures are up to date.");
  expect(server.askedFor("/figures/")).toHaveLength(2);
});

test("waiting for a refresh has an end, and says so", async () => {
  server.on("/figures/", stamped({ n: 7 }, { refresh: 4 }));
  server.on(REFRESH_PATH, () => refreshAnswer("running"));
  show(<Page />);
  await pass(0);
  fireEvent.click(screen.getByRole("button", { name: "Refresh" }));
  await pass(20_000);
  expect(screen.getByTestId("refresh-message").textContent).toContain("has not finished computing");
  expect(screen.getByRole("button", { name: "Refresh" })).toBeTruthy();
  expect(server.askedFor("/figures/").length).toBeLessThanOrEqual(8);
});

test("a refresh that cannot be asked for says why; the figures stay", async () => {
  server.on("/figures/", stamped({ n: 7 }));
  server.on(REFRESH_PATH, problem(503, "unavailable", "The broker does not answer."));
  show(<Page />);
  await pass(0);
  fireEvent.click(screen.getByRole("button", { name: "Refresh" }));
  await pass(0);
  expect(screen.getByTestId("refresh-message").textContent).toContain(
    "The broker does not answer.",
  );
  expect(screen.getByText("n is 7")).toBeTruthy();
});

test("figures that do not say how old they are, are not shown", async () => {
  server.on("/figures/", json({ n: 7 }));
  show(<Page />);
  await pass(0);
  expect(screen.getByTestId("failed").textContent).toContain(
    "does not say how old its figures are",
  );
  expect(screen.queryByText("n is 7")).toBeNull();
});
