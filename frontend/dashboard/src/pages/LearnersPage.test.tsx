import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import type { LearnerRow } from "@/analytics/types";
import { FakeServer, json, problem, stamped } from "@/testing/fakeServer";
import { signIn } from "@/testing/people";
import { pass, show } from "@/testing/show";
import { LearnersPage } from "./LearnersPage";

const PATH = "/api/analytics/manager/learners/";
let server: FakeServer;

const learner = (id: number, more: Partial<LearnerRow> = {}): LearnerRow => ({
  id,
  username: `learner-${id}`,
  full_name: `Learner ${id}`,
  team_id: 1,
  status: "idle",
  engagement_score: 41.5,
  modules_completed: 2,
  modules_in_progress: 1,
  total_focus_mins: 95,
  last_active: "2026-02-09T07:35:00Z",
  risk_level: "Medium",
  computed_at: "2026-02-10T07:35:00Z",
  ...more,
});

beforeEach(async () => {
  vi.useFakeTimers();
  server = new FakeServer();
  await signIn(server);
  server.on("/api/analytics/manager/teams/", stamped([], { total: 0 }));
  server.on(
    PATH,
    stamped([learner(1), learner(2, { full_name: "", last_active: null, status: "not_started" })], {
      total: 10_000,
    }),
  );
});

const at = (address: string) => window.history.replaceState(null, "", address);
const asked = () => new URL(server.askedFor(PATH).at(-1)?.path ?? "", "http://x").searchParams;

test("shows a row for each learner, and where in the list one is", async () => {
  at("/learners");
  show(<LearnersPage />);
  await pass(0);
  const [, first, second] = screen.getAllByRole("row");
  expect(
    within(first as HTMLElement)
      .getByRole("link")
      .getAttribute("href"),
  ).toBe("/learners/1");
  expect(first?.textContent).toContain("Idle");
  expect(first?.textContent).toContain("Medium");
  expect(first?.textContent).toContain("41.5");
  expect(first?.textContent).toContain("1 h 35 min");
  expect(first?.textContent).toContain("24 hours ago");
  expect(second?.textContent).toContain("learner-2");
  expect(second?.textContent).toContain("never");
  expect(screen.getByTestId("page-range").textContent).toBe("1–50 of 10,000");
  expect(screen.getByTestId("match-count").textContent).toBe("10,000 learners");
});

test("the address says it all: it is what is asked for", async () => {
  at("/learners?search=an&status=idle&risk_level=High&team=3&ordering=-last_active&page=4");
  show(<LearnersPage />);
  await pass(0);
  expect(Object.fromEntries(asked())).toEqual({
    search: "an",
    status: "idle",
    risk_level: "High",
    team: "3",
    ordering: "-last_active",
    page: "4",
    page_size: "50",
  });
  expect((screen.getByLabelText("Search by name") as HTMLInputElement).value).toBe("an");
  expect((screen.getByLabelText("Status") as HTMLSelectElement).value).toBe("idle");
  expect(screen.getByRole("columnheader", { name: "Last active" }).getAttribute("aria-sort")).toBe(
    "descending",
  );
});

test("typing asks once, after a pause, from the first page on", async () => {
  at("/learners?page=3");
  show(<LearnersPage />);
  await pass(0);
  const field = screen.getByLabelText("Search by name");
  for (const text of ["a", "an", "ann"]) {
    fireEvent.change(field, { target: { value: text } });
    await pass(100);
  }
  expect(server.askedFor(PATH)).toHaveLength(1);
  await pass(250);
  expect(server.askedFor(PATH)).toHaveLength(2);
  expect(asked().get("search")).toBe("ann");
  expect(asked().get("page")).toBeNull();
  expect(window.location.search).toBe("?search=ann");
});

test("while other rows are on their way the former ones stay", async () => {
  at("/learners");
  show(<LearnersPage />);
  await pass(0);
  server.on(PATH, () => new Promise<Response>(() => undefined));
  fireEvent.change(screen.getByLabelText("Status"), { target: { value: "active" } });
  await pass(0);
  expect(screen.getAllByRole("row")).toHaveLength(3);
  expect(screen.getByRole("table").parentElement?.getAttribute("aria-busy")).toBe("true");
});

test("a heading sorts, and sorts the other way round", async () => {
  at("/learners");
  show(<LearnersPage />);
  await pass(0);
  fireEvent.click(screen.getByRole("button", { name: "Engagement" }));
  await pass(0);
  expect(asked().get("ordering")).toBe("-engagement_score");
  fireEvent.click(screen.getByRole("button", { name: "Engagement" }));
  await pass(0);
  expect(asked().get("ordering")).toBe("engagement_score");
});

test("pages go on and back, and not past the ends", async () => {
  at("/learners");
  show(<LearnersPage />);
  await pass(0);
  expect(screen.getByRole("button", { name: "Previous" })).toHaveProperty("disabled", true);
  fireEvent.click(screen.getByRole("button", { name: "Next" }));
  await pass(0);
  expect(asked().get("page")).toBe("2");
  expect(screen.getByTestId("page-range").textContent).toBe("51–100 of 10,000");
});

test("nobody matches: says so, and clears the filters", async () => {
  server.on(PATH, stamped([], { total: 0 }));
  at("/learners?status=active&search=zz");
  show(<LearnersPage />);
  await pass(0);
  expect(screen.getByTestId("empty").textContent).toContain("No learner matches");
  fireEvent.click(screen.getByRole("button", { name: "Clear search and filters" }));
  await pass(0);
  expect(window.location.search).toBe("");
});

test("no learners at all is an empty list of its own", async () => {
  server.on(PATH, stamped([], { total: 0 }));
  at("/learners");
  show(<LearnersPage />);
  await pass(0);
  expect(screen.getByTestId("empty").textContent).toContain("There are no learners yet");
});

test("the file is fetched with the token and the same filters, and saved under the server's name", async () => {
  at("/learners?status=idle&page=2");
  show(<LearnersPage />);
  await pass(0);
  const saved = vi.fn();
  vi.stubGlobal(
    "URL",
    Object.assign(URL, {
      createObjectURL: saved.mockReturnValue("blob:x"),
      revokeObjectURL: vi.fn(),
    }),
  );
  const clicked = vi
    .spyOn(HTMLAnchorElement.prototype, "click")
    .mockImplementation(() => undefined);
  server.on(
    "/api/analytics/manager/learners.csv",
    () =>
      new Response("username\n", {
        headers: { "Content-Disposition": 'attachment; filename="learners-7.csv"' },
      }),
  );
  fireEvent.click(screen.getByRole("button", { name: "Download CSV" }));
  await pass(0);
  const request = server.asked.at(-1);
  expect(request?.path).toBe("/api/analytics/manager/learners.csv?status=idle");
  expect(request?.headers.get("Authorization")).toMatch(/^Bearer /);
  expect(saved).toHaveBeenCalledOnce();
  expect((clicked.mock.contexts[0] as HTMLAnchorElement).download).toBe("learners-7.csv");
});

test("a file that cannot be had is said", async () => {
  at("/learners");
  show(<LearnersPage />);
  await pass(0);
  server.on("/api/analytics/manager/learners.csv", problem(503, "unavailable", "Busy."));
  fireEvent.click(screen.getByRole("button", { name: "Download CSV" }));
  await pass(0);
  expect(screen.getByText(/The file could not be saved. Busy./)).toBeTruthy();
});

test("a parameter that the server refuses is named", async () => {
  const errors = [{ field: "status", reason: '"x" is not a choice' }];
  server.on(PATH, () => problem(400, "invalid-input", 'status: "x" is not a choice', { errors }));
  at("/learners?status=x");
  show(<LearnersPage />);
  await pass(0);
  expect(screen.getByTestId("failed").textContent).toContain('status: "x" is not a choice');
  server.on(PATH, () => json([]));
});

test("filters stay in reach when the rows cannot be had", async () => {
  at("/learners");
  show(<LearnersPage />);
  await pass(0);
  server.down();
  fireEvent.change(screen.getByLabelText("Status"), { target: { value: "active" } });
  await pass(0);
  expect(screen.getByTestId("failed")).toBeTruthy();
  expect((screen.getByLabelText("Status") as HTMLSelectElement).value).toBe("active");
});
