import type { ReactNode } from "react";
import { RiskBadge, StatusBadge } from "@/analytics/marks";
import type { LearnerDetails } from "@/analytics/types";
import { sayDateTimeZone, sayMinutes, sayNumber, saySince } from "@/ui/format";

/** The learner at a glance. */
export function LearnerSummary({ details }: { details: LearnerDetails }) {
  const { learner, modules, computed_at } = details;
  const completed = modules.filter((module) => module.status === "completed").length;
  return (
    <dl className="card grid grid-cols-2 gap-px overflow-hidden bg-line! sm:grid-cols-3 xl:grid-cols-6">
      <Item title="Status">
        <StatusBadge status={learner.status} />
      </Item>
      <Item title="Risk">
        <RiskBadge level={learner.risk_level} />
      </Item>
      <Item title="Engagement">
        {sayNumber(learner.engagement_score)}{" "}
        <small className="font-normal text-muted">of 100</small>
      </Item>
      <Item title="Focus in all">{sayMinutes(learner.total_focus_mins)}</Item>
      <Item title="Completed">
        {completed} <small className="font-normal text-muted">of {modules.length} modules</small>
      </Item>
      <Item title="Last active">
        {learner.last_active === null ? (
          "never"
        ) : (
          <time dateTime={learner.last_active} title={sayDateTimeZone(learner.last_active)}>
            {saySince(learner.last_active, computed_at)}
          </time>
        )}
      </Item>
    </dl>
  );
}

function Item({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="bg-surface p-4">
      <dt className="text-sm text-muted">{title}</dt>
      <dd className="mt-1 font-semibold tabular-nums">{children}</dd>
    </div>
  );
}
