import { expect, test } from "vitest";
import { sayEvidence } from "./evidence";

test.each([
  ["low_engagement", { engagement_score: 13.5 }, "The engagement score is 13.5 of 100."],
  ["failing_quizzes", { failing_quiz_count: 2 }, "2 quizzes attempted and not passed yet."],
  [
    "never_started",
    { modules_total: 1, assignment_count: 4 },
    "1 module and 4 assignments given, and no activity so far.",
  ],
  [
    "engagement_drop",
    {
      last_week_minutes: 15.1,
      usual_week_minutes: 75,
      fall_percent: 79.9,
      earlier_weeks_minutes: [71, 80],
    },
    "15.1 min of focus in the last 7 days, 1 h 15 min in a usual week: 79.9 % less. The weeks before: 1 h 11 min, 1 h 20 min.",
  ],
  [
    "implausible_focus",
    { focus_hours: 26.5, limit_hours: 24, session_count: 3 },
    "26.5 hours of focus in one UTC day, over 3 sessions; more than 24 hours cannot be.",
  ],
  ["something_new", { some_count: 3, note: "odd" }, "some count: 3; note: odd"],
])("says %s in words", (code, evidence, words) => {
  expect(sayEvidence(code, evidence)).toBe(words);
});

test("says when somebody was last active, and that it is not known", () => {
  expect(sayEvidence("idle", { last_active: "2026-02-09T01:42:16Z" })).toMatch(
    /^Last active on .*2026/,
  );
  expect(sayEvidence("inactive", {})).toBe("Last active on an unknown time.");
});
