import type { ReactNode } from "react";
import { Link } from "wouter";
import { type Team, withQuery } from "@/analytics/endpoints";
import type { Breakdown, TeamSummary, TrendDay, Trends } from "@/analytics/types";
import { Sparkline } from "@/charts/Sparkline";
import { ErrorBoundary } from "@/ui/ErrorBoundary";
import { sayCount, sayNumber } from "@/ui/format";
import { Meter } from "@/ui/Meter";

interface Props {
  summary: TeamSummary;
  breakdown: Breakdown | undefined;
  trends: Trends | undefined;
  team: Team;
}

/** The six figures, each with what it means and how it went or what share it is. */
export function SixFigures({ summary, breakdown, trends, team }: Props) {
  const all = breakdown?.learner_count ?? 0;
  const share = (count: number) => (all > 0 ? (count / all) * 100 : 0);
  const line = (title: string, value: (day: TrendDay) => number | null) =>
    trends && <Sparkline values={trends.days.map(value)} label={`${title}, day by day`} />;

  return (
    <section aria-labelledby="six-figures">
      <h2 id="six-figures" className="sr-only">
        Six figures
      </h2>
      <ErrorBoundary what="The six figures">
        <dl className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3 print:grid-cols-3">
          <Figure
            name="active_24h"
            title="Active"
            value={
              <Link
                className="hover:underline"
                href={withQuery("/learners", { status: "active", team })}
              >
                {sayCount(summary.active_24h)}
              </Link>
            }
            meaning="Learners with a session or a pulse in the last 24 hours."
            picture={line("Active learners", (day) => day.active_learners)}
          />
          <Figure
            name="inactive_72h"
            title="Inactive"
            value={
              <Link
                className="hover:underline"
                href={withQuery("/learners", { status: "inactive", team })}
              >
                {sayCount(summary.inactive_72h)}
              </Link>
            }
            meaning="Learners whose last activity is more than 72 hours ago."
            picture={
              <Proportion
                percent={share(summary.inactive_72h)}
                of="of all learners"
                label="Inactive learners"
                fill="bg-warn"
              />
            }
          />
          <Figure
            name="at_risk_count"
            title="At risk"
            value={sayCount(summary.at_risk_count)}
            meaning="Learners who are idle and have an engagement below 50."
            picture={
              <Proportion
                percent={share(summary.at_risk_count)}
                of="of all learners"
                label="Learners at risk"
                fill="bg-bad"
              />
            }
          />
          <Figure
            name="avg_focus_mins"
            title="Focus"
            value={
              summary.avg_focus_mins === null ? null : (
                <>
                  {sayNumber(summary.avg_focus_mins)} <Unit>min</Unit>
                </>
              )
            }
            meaning="Mean focus of the sessions that started in the last 7 days."
            picture={line("Focus minutes of the team", (day) => day.focus_minutes)}
          />
          <Figure
            name="avg_accuracy"
            title="Quiz accuracy"
            value={
              summary.avg_accuracy === null ? null : (
                <>
                  {sayNumber(summary.avg_accuracy)} <Unit>%</Unit>
                </>
              )
            }
            meaning="Mean score of the quiz attempts of the last 7 days."
            picture={line("Quiz accuracy", (day) => day.quiz_accuracy)}
          />
          <Figure
            name="assignment_rate"
            title="Assignments handed in"
            value={
              summary.assignment_rate === null ? null : (
                <>
                  {sayNumber(summary.assignment_rate)} <Unit>%</Unit>
                </>
              )
            }
            meaning="Assignments with a submission, of all assignments."
            picture={
              summary.assignment_rate !== null && (
                <Proportion
                  percent={summary.assignment_rate}
                  of="handed in"
                  label="Assignments handed in"
                  fill="bg-accent"
                />
              )
            }
          />
        </dl>
      </ErrorBoundary>
    </section>
  );
}

interface FigureProps {
  name: string;
  title: string;
  /** null where there was nothing to average. */
  value: ReactNode;
  meaning: string;
  picture: ReactNode;
}

function Figure({ name, title, value, meaning, picture }: FigureProps) {
  return (
    <div className="card flex flex-col p-5">
      <dt className="text-sm font-medium text-muted">{title}</dt>
      <dd className="mt-1 flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
        <span
          className="text-4xl font-semibold tracking-tight tabular-nums"
          data-testid={`figure-${name}`}
        >
          {value ?? <span className="text-2xl font-medium text-muted">No data</span>}
        </span>
        {picture}
      </dd>
      <dd className="mt-3 text-sm text-muted">{meaning}</dd>
    </div>
  );
}

const Unit = ({ children }: { children: ReactNode }) => (
  <span className="text-xl font-medium text-muted">{children}</span>
);

function Proportion({
  percent,
  of,
  label,
  fill,
}: {
  percent: number;
  of: string;
  label: string;
  fill: string;
}) {
  return (
    <div className="w-30">
      <p className="mb-1 text-right text-xs text-muted tabular-nums">
        {Math.round(percent)} % {of}
      </p>
      <Meter percent={percent} label={label} fill={fill} />
    </div>
  );
}
