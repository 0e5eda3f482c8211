import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { FakeServer, json, problem } from "@/testing/fakeServer";
import { signIn } from "@/testing/people";
import { show } from "@/testing/show";
import { QuizSection } from "./QuizSection";
import { SubmissionSection } from "./SubmissionSection";

let server: FakeServer;
const user = userEvent.setup();
const ATTEMPTS = "/api/modules/4/quiz/attempts/";
const SUBMISSIONS = "/api/modules/4/assignment/submissions/";

beforeEach(async () => {
  server = new FakeServer();
  await signIn(server, "learner");
  server.on(
    "/api/modules/4/quiz/",
    json({
      id: 1,
      title: "Check",
      pass_score: 70,
      questions: [
        {
          id: 11,
          text: "First?",
          choices: [
            { id: 1, text: "this" },
            { id: 2, text: "that" },
          ],
        },
        {
          id: 12,
          text: "Second?",
          choices: [
            { id: 3, text: "here" },
            { id: 4, text: "there" },
          ],
        },
      ],
    }),
  );
});

const keys = (path: string) =>
  server.askedFor(path).map(({ headers }) => headers.get("Idempotency-Key"));

test("a quiz names the questions without an answer", async () => {
  show(<QuizSection module={4} />);
  await user.click(await screen.findByLabelText("that"));
  await user.click(screen.getByRole("button", { name: "Send answers" }));
  expect(screen.getByText("Question 2: choose an answer")).toBeTruthy();
  expect(screen.queryByText("Question 1: choose an answer")).toBeNull();
  expect(server.askedFor(ATTEMPTS)).toHaveLength(0);
});

test("answers are sent and the outcome is told; the answers stay for another try", async () => {
  server.on(ATTEMPTS, () =>
    json({ status: "recorded", score: 50, passed: false, pass_score: 70 }, 201),
  );
  show(<QuizSection module={4} />);
  await user.click(await screen.findByLabelText("that"));
  await user.click(screen.getByLabelText("there"));
  await user.click(screen.getByRole("button", { name: "Send answers" }));
  expect(await screen.findByText("Not passed: 50 %")).toBeTruthy();
  expect(server.askedFor(ATTEMPTS)[0]?.body).toEqual({ answers: { 11: 2, 12: 4 } });
  expect(screen.getByLabelText("there")).toHaveProperty("checked", true);
});

test("answers that did not arrive are sent again under the same key, other ones under another", async () => {
  show(<QuizSection module={4} />);
  await user.click(await screen.findByLabelText("that"));
  await user.click(screen.getByLabelText("there"));
  server.down();
  await user.click(screen.getByRole("button", { name: "Send answers" }));
  expect(
    await screen.findByText("The server cannot be reached. Check the connection."),
  ).toBeTruthy();
  expect(screen.getByLabelText("there")).toHaveProperty("checked", true);
  server.down(false);
  server.on(ATTEMPTS, () =>
    json({ status: "recorded", score: 100, passed: true, pass_score: 70 }, 201),
  );
  await user.click(screen.getByRole("button", { name: "Send answers" }));
  expect(await screen.findByText("Passed: 100 %")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Send answers" }));
  const [first, second, third] = keys(ATTEMPTS);
  expect(first).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});

test("an empty submission is refused at its field", async () => {
  show(<SubmissionSection module={4} />);
  await user.click(screen.getByRole("button", { name: "Hand in" }));
  expect(screen.getByText(/^Text: write something here/)).toBeTruthy();
  expect(server.askedFor(SUBMISSIONS)).toHaveLength(0);
});

test("an address that the server refuses is named, and the text is not lost", async () => {
  const errors = [{ field: "url", reason: "must begin with http:// or https://" }];
  server.on(SUBMISSIONS, () => problem(400, "invalid-input", "bad", { errors }));
  show(<SubmissionSection module={4} />);
  await user.type(screen.getByLabelText("Text"), "a long text");
  await user.type(screen.getByLabelText("Address"), "ftp://x");
  await user.click(screen.getByRole("button", { name: "Hand in" }));
  expect(await screen.findByText("Address: must begin with http:// or https://")).toBeTruthy();
  expect((screen.getByLabelText("Text") as HTMLTextAreaElement).value).toBe("a long text");
  expect((screen.getByLabelText("Address") as HTMLInputElement).value).toBe("ftp://x");
});

test("a submission is handed in, and the form is empty for the next one", async () => {
  server.on(SUBMISSIONS, () =>
    json({ status: "recorded", submitted_at: "2026-02-10T07:41:00Z" }, 201),
  );
  show(<SubmissionSection module={4} />);
  await user.type(screen.getByLabelText("Text"), "a long text");
  await user.click(screen.getByRole("button", { name: "Hand in" }));
  expect(await screen.findByText(/^Handed in on/)).toBeTruthy();
  expect(server.askedFor(SUBMISSIONS)[0]?.body).toEqual({ text: "a long text" });
  expect((screen.getByLabelText("Text") as HTMLTextAreaElement).value).toBe("");
});
