import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { REFRESH_PATH } from "@/analytics/endpoints";
import type { AssignmentRow, LearnerDetails } from "@/analytics/types";
import { FakeServer, json, problem } from "@/testing/fakeServer";
import { signIn } from "@/testing/people";
import { show } from "@/testing/show";
import { AssignmentCard } from "./AssignmentCard";

let server: FakeServer;
const user = userEvent.setup();
const reload = vi.fn(async () => undefined);

const learner = { id: 5, username: "ana", full_name: "Ana Example" } as LearnerDetails["learner"];
const row = (id: number, more: Partial<AssignmentRow>): AssignmentRow => ({
  id,
  module_id: id * 10,
  module_title: `Module ${id}`,
  status: "assigned",
  due_at: null,
  submitted_at: null,
  submission_id: null,
  grade: null,
  ...more,
});
const handedIn = row(2, {
  status: "submitted",
  submitted_at: "2026-02-09T07:00:00Z",
  submission_id: 77,
});

beforeEach(async () => {
  reload.mockClear();
  server = new FakeServer();
  await signIn(server);
  server.on(
    "/api/modules/",
    json([
      { id: 10, title: "Module 1" },
      { id: 40, title: "Module 4" },
    ]),
  );
  server.on(REFRESH_PATH, () => json({ status: "recent", refresh_id: 1 }, 202));
  server.on(
    "/api/manager/submissions/77/",
    json({
      id: 77,
      module_title: "Module 2",
      text: "my text",
      url: "",
      submitted_at: "2026-02-09T07:00:00Z",
      grade: null,
      feedback: "",
    }),
  );
  show(
    <AssignmentCard
      learner={learner}
      assignments={[
        row(1, { due_at: "2026-02-01T00:00:00Z" }),
        handedIn,
        row(3, { grade: 88.5, status: "graded", submission_id: 78 }),
      ]}
      computedAt="2026-02-10T07:35:00Z"
      reload={reload}
    />,
  );
});

test("says what is overdue, handed in and graded", () => {
  const [first, second, third] = screen.getAllByRole("listitem");
  expect(first?.textContent).toContain("Overdue");
  expect(within(first as HTMLElement).queryByRole("button")).toBeNull();
  expect(second?.textContent).toContain("Handed in");
  expect(
    within(second as HTMLElement).getByRole("button", { name: "Grade: Module 2" }),
  ).toBeTruthy();
  expect(third?.textContent).toContain("88.5 of 100");
});

const openAssign = async () => {
  await user.click(screen.getByRole("button", { name: "Assign a module" }));
  await screen.findByRole("option", { name: "Module 4" });
};

test("a module must be chosen", async () => {
  await openAssign();
  await user.click(screen.getByRole("button", { name: "Assign" }));
  expect(screen.getByText("Module: choose one")).toBeTruthy();
  expect(server.askedFor("/api/manager/assignments/")).toHaveLength(0);
});

test("assigns with the due date in the viewer's zone, and has the figures refreshed", async () => {
  server.on("/api/manager/assignments/", () =>
    json({ module: 40, results: [{ learner: 5, assignment: 9, status: "created" }] }, 201),
  );
  await openAssign();
  await user.selectOptions(screen.getByLabelText(/^Module/), "40");
  await user.type(screen.getByLabelText("Due"), "2026-03-01T09:30");
  await user.click(screen.getByRole("button", { name: "Assign" }));
  expect((await screen.findByTestId("saved")).textContent).toContain("The module is assigned.");
  expect(server.askedFor("/api/manager/assignments/")[0]?.body).toEqual({
    module: 40,
    learners: [5],
    due_at: new Date("2026-03-01T09:30").toISOString(),
  });
  expect(screen.queryByRole("dialog")).toBeNull();
  await waitFor(() => expect(reload).toHaveBeenCalled());
});

test("faults of the server stand at their fields; what was typed stays", async () => {
  const errors = [
    { field: "due_at", reason: "must not be in the past" },
    { field: "learners.0", reason: "is not one of your learners" },
  ];
  server.on("/api/manager/assignments/", () => problem(400, "invalid-input", "bad", { errors }));
  await openAssign();
  await user.selectOptions(screen.getByLabelText(/^Module/), "40");
  await user.type(screen.getByLabelText("Due"), "2026-01-01T09:30");
  await user.click(screen.getByRole("button", { name: "Assign" }));
  expect(await screen.findByText("Due: must not be in the past")).toBeTruthy();
  expect(screen.getByText("Ana Example (learners.0): is not one of your learners")).toBeTruthy();
  expect((screen.getByLabelText(/^Module/) as HTMLSelectElement).value).toBe("40");
  expect((screen.getByLabelText("Due") as HTMLInputElement).value).toBe("2026-01-01T09:30");
});

const openGrade = async () => {
  await user.click(screen.getByRole("button", { name: "Grade: Module 2" }));
  await screen.findByText("my text");
};

test.each([
  ["", "Grade: is required"],
  ["good", "Grade: must be a number from 0 to 100"],
])("the grade %j is refused before sending", async (typed, fault) => {
  await openGrade();
  if (typed) await user.type(screen.getByLabelText("Grade (required)"), typed);
  await user.click(screen.getByRole("button", { name: "Save grade" }));
  expect(screen.getByText(fault)).toBeTruthy();
  expect(server.asked.filter(({ method }) => method === "POST")).toHaveLength(0);
});

test("a grade that the server refuses is named; feedback stays; then it is saved", async () => {
  const errors = [{ field: "grade", reason: "must be from 0 to 100" }];
  server.on("/api/manager/submissions/77/grade/", () =>
    problem(400, "invalid-input", "bad", { errors }),
  );
  await openGrade();
  await user.type(screen.getByLabelText("Grade (required)"), "120");
  await user.type(screen.getByLabelText("Feedback"), "well argued");
  await user.click(screen.getByRole("button", { name: "Save grade" }));
  expect(await screen.findByText("Grade: must be from 0 to 100")).toBeTruthy();
  expect((screen.getByLabelText("Feedback") as HTMLTextAreaElement).value).toBe("well argued");

  server.on("/api/manager/submissions/77/grade/", () => json({ id: 77, grade: 92.5 }));
  await user.clear(screen.getByLabelText("Grade (required)"));
  await user.type(screen.getByLabelText("Grade (required)"), "92,5");
  await user.click(screen.getByRole("button", { name: "Save grade" }));
  expect((await screen.findByTestId("saved")).textContent).toContain("The grade is saved.");
  expect(server.askedFor("/api/manager/submissions/77/grade/").at(-1)?.body).toEqual({
    grade: 92.5,
    feedback: "well argued",
  });
});

test("a submission that cannot be loaded says so in the dialog", async () => {
  server.on(
    "/api/manager/submissions/77/",
    problem(404, "not-found", "There is no such submission."),
  );
  await user.click(screen.getByRole("button", { name: "Grade: Module 2" }));
  expect(await screen.findByText("There is no such submission.")).toBeTruthy();
});
