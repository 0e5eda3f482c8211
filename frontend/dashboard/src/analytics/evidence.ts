import { plural, sayDateTime, sayDay, sayMinutes, sayNumber } from "@/ui/format";
import type { Evidence } from "./types";

/** What a factor or an anomaly was judged by, in a sentence. Unknown codes get their figures listed. */
export function sayEvidence(code: string, evidence: Evidence): string {
  const number = (name: string): number => Number(evidence[name] ?? 0);
  const time = (name: string): string => {
    const value = evidence[name];
    return typeof value === "string" ? sayDateTime(value) : "an unknown time";
  };
  switch (code) {
    case "inactive":
    case "idle":
      return `Last active on ${time("last_active")}.`;
    case "low_engagement":
      return `The engagement score is ${sayNumber(number("engagement_score"))} of 100.`;
    case "overdue_assignment":
      return `${plural(number("overdue_count"), "assignment")} past the due date with nothing handed in; the first was due on ${time("first_due_at")}.`;
    case "failing_quizzes":
      return `${plural(number("failing_quiz_count"), "quiz", "quizzes")} attempted and not passed yet.`;
    case "never_started":
      return `${plural(number("modules_total"), "module")} and ${plural(number("assignment_count"), "assignment")} given, and no activity so far.`;
    case "engagement_drop":
      return (
        `${sayMinutes(number("last_week_minutes"))} of focus in the last 7 days, ` +
        `${sayMinutes(number("usual_week_minutes"))} in a usual week: ${sayNumber(number("fall_percent"))} % less.` +
        sayWeeks(evidence.earlier_weeks_minutes)
      );
    case "implausible_focus":
      return (
        `${sayNumber(number("focus_hours"))} hours of focus in one UTC day, over ` +
        `${plural(number("session_count"), "session")}; more than ${sayNumber(number("limit_hours"))} hours cannot be.`
      );
    default:
      return Object.entries(evidence)
        .map(([name, value]) => `${name.replaceAll("_", " ")}: ${sayValue(value)}`)
        .join("; ");
  }
}

function sayWeeks(weeks: unknown): string {
  if (!Array.isArray(weeks) || weeks.length === 0) return "";
  return ` The weeks before: ${weeks.map((minutes) => sayMinutes(Number(minutes))).join(", ")}.`;
}

function sayValue(value: unknown): string {
  if (typeof value === "number") return sayNumber(value);
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value)) return sayDateTime(value);
  if (typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value)) return sayDay(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}
