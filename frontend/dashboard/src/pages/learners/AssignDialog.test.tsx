import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { REFRESH_PATH } from "@/analytics/endpoints";
import type { LearnerRow } from "@/analytics/types";
import { FakeServer, json, problem, stamped } from "@/testing/fakeServer";
import { signIn } from "@/testing/people";
import { show } from "@/testing/show";
import { LearnersPage } from "../LearnersPage";

const LIST = "/api/analytics/manager/learners/";
const ASSIGN = "/api/manager/assignments/";
let server: FakeServer;
const user = userEvent.setup();

const learner = (id: number): LearnerRow => ({
  id,
  username: `learner-${id}`,
  full_name: `Learner ${id}`,
  team_id: 1,
  status: "idle",
  engagement_score: 41.5,
  modules_completed: 2,
  modules_in_progress: 1,
  total_focus_mins: 95,
  last_active: null,
  risk_level: "Medium",
  computed_at: "2026-02-10T07:35:00Z",
});

/** A list of so many learners, in pages of three. */
const listOf = (total: number) => {
  server.on(LIST, ({ path }) => {
    const page = Number(new URL(path, "http://x").searchParams.get("page") ?? 1);
    const ids = [1, 2, 3].map((place) => (page - 1) * 3 + place).filter((id) => id <= total);
    return stamped(ids.map(learner), { total: total * 50 });
  });
};

beforeEach(async () => {
  server = new FakeServer();
  await signIn(server);
  server.on("/api/analytics/manager/teams/", stamped([], { total: 0 }));
  server.on("/api/modules/", json([{ id: 10, title: "Listening" }]));
  server.on(REFRESH_PATH, () => json({ status: "recent", refresh_id: 1 }, 202));
  listOf(6);
  show(<LearnersPage />);
  await screen.findByRole("link", { name: "Learner 1" });
});

const box = (name: string) => screen.getByRole<HTMLInputElement>("checkbox", { name });
const chooseAll = () => box("Choose all on this page");
const chosenCount = () => screen.queryByTestId("chosen-count")?.textContent;
const openForm = async () => {
  await user.click(screen.getByRole("button", { name: "Assign a module" }));
  await screen.findByRole("option", { name: "Listening" });
};
const fillIn = async () => {
  await user.selectOptions(screen.getByLabelText(/^Module/), "10");
  await user.type(screen.getByLabelText("Due"), "2026-03-01T09:30");
};
const send = () => user.click(screen.getByRole("button", { name: "Assign" }));
const sent = () => server.askedFor(ASSIGN).map(({ body }) => body);

test("nobody is chosen at first, and there is nothing to do with them", () => {
  expect(chosenCount()).toBeUndefined();
  expect(screen.queryByRole("button", { name: "Assign a module" })).toBeNull();
});

test("the space bar chooses and takes back", async () => {
  box("Choose Learner 2").focus();
  await user.keyboard(" ");
  expect(chosenCount()).toBe("1 learner chosen");
  await user.keyboard(" ");
  expect(chosenCount()).toBeUndefined();
});

test("one box chooses the whole page, and shows when only a part of it is chosen", async () => {
  await user.click(box("Choose Learner 1"));
  expect(chooseAll().indeterminate).toBe(true);
  await user.click(chooseAll());
  expect(chosenCount()).toBe("3 learners chosen");
  expect([chooseAll().checked, chooseAll().indeterminate]).toEqual([true, false]);
  await user.click(chooseAll());
  expect(chosenCount()).toBeUndefined();
});

test("who was chosen on one page stays so on the next", async () => {
  await user.click(chooseAll());
  await user.click(screen.getByRole("button", { name: "Next" }));
  await screen.findByRole("link", { name: "Learner 4" });
  await user.click(box("Choose Learner 5"));
  expect(chosenCount()).toBe("4 learners chosen");
  expect(chooseAll().indeterminate).toBe(true);
  await user.click(screen.getByRole("button", { name: "Clear" }));
  expect(chosenCount()).toBeUndefined();
});

test("all are assigned in one request, and the result is shown for each", async () => {
  server.on(ASSIGN, () =>
    json(
      {
        module: 10,
        results: [
          { learner: 1, assignment: 91, status: "created" },
          { learner: 2, assignment: 92, status: "unchanged" },
          { learner: 3, assignment: 93, status: "updated" },
        ],
      },
      201,
    ),
  );
  await user.click(chooseAll());
  await openForm();
  await fillIn();
  const before = server.askedFor(LIST).length;
  await send();
  const results = await screen.findByTestId("assign-results");
  expect(sent()).toEqual([
    { module: 10, learners: [1, 2, 3], due_at: new Date("2026-03-01T09:30").toISOString() },
  ]);
  expect(results.textContent).toContain("1 learner assigned, 2 had it already");
  expect(
    within(results)
      .getAllByRole("listitem")
      .map((item) => item.textContent),
  ).toEqual([
    "Learner 1Assigned",
    "Learner 2Had it already, with this due date",
    "Learner 3Had it already; the due date is changed",
  ]);
  expect(chosenCount()).toBeUndefined();
  await waitFor(() => expect(server.askedFor(LIST).length).toBeGreaterThan(before));

  await user.click(within(results).getAllByRole("button", { name: "Close" })[0] as HTMLElement);
  expect(screen.queryByTestId("assign-results")).toBeNull();
});

test("a learner whom the server refuses is named, can be left out, and nothing typed is lost", async () => {
  const errors = [{ field: "learners.1", reason: "is not one of your learners" }];
  server.on(ASSIGN, () => problem(404, "not-found", "There is no such learner.", { errors }));
  await user.click(chooseAll());
  await openForm();
  await fillIn();
  await send();
  expect(
    await screen.findByText("Learner 2 (learners.1): is not one of your learners"),
  ).toBeTruthy();
  expect(chosenCount()).toBe("3 learners chosen");

  server.on(ASSIGN, () => json({ module: 10, results: [] }, 201));
  await user.click(screen.getByRole("button", { name: "Leave out 1 learner" }));
  expect(screen.getByLabelText<HTMLSelectElement>(/^Module/).value).toBe("10");
  expect(screen.getByLabelText<HTMLInputElement>("Due").value).toBe("2026-03-01T09:30");
  await send();
  await screen.findByTestId("assign-results");
  expect(sent().at(-1)).toMatchObject({ learners: [1, 3] });
});

test("a field that the server refuses is named at the field", async () => {
  const errors = [{ field: "due_at", reason: "is outside the calendar" }];
  server.on(ASSIGN, () => problem(400, "invalid-input", "due_at: …", { errors }));
  await user.click(box("Choose Learner 1"));
  await openForm();
  await fillIn();
  await send();
  expect(await screen.findByText("Due: is outside the calendar")).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>("Due").value).toBe("2026-03-01T09:30");
});

test("without a connection nothing is lost", async () => {
  await user.click(chooseAll());
  await openForm();
  await fillIn();
  server.down();
  await send();
  expect(await screen.findByText(/The server cannot be reached/)).toBeTruthy();
  expect(screen.getByLabelText<HTMLSelectElement>(/^Module/).value).toBe("10");
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  expect(chosenCount()).toBe("3 learners chosen");
});

test("more than the server takes at once are too many, and that is said", async () => {
  server.on(
    LIST,
    stamped(
      Array.from({ length: 501 }, (_, place) => learner(place + 1)),
      { total: 501 },
    ),
  );
  await user.click(screen.getByRole("button", { name: "Next" }));
  await screen.findByRole("link", { name: "Learner 501" }, { timeout: 5_000 });
  await user.click(chooseAll());
  expect(chosenCount()).toContain("A module can be assigned to 500 learners at a time; take 1 out");
  expect(screen.getByRole("button", { name: "Assign a module" })).toHaveProperty("disabled", true);
});
