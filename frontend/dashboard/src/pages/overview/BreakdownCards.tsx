import type { ReactNode } from "react";
import { Link } from "wouter";
import { type Team, withQuery } from "@/analytics/endpoints";
import { RISK_MARKS, STATUS_MARKS } from "@/analytics/marks";
import type { ActivityStatus, Breakdown, RiskLevel } from "@/analytics/types";
import { type Share, ShareBars } from "@/charts/ShareBars";
import { Card } from "@/ui/Card";

const STATUSES: readonly ActivityStatus[] = ["active", "idle", "inactive", "not_started"];
const LEVELS: readonly RiskLevel[] = ["High", "Medium", "Low"];

/** How many learners there are of each status and risk; each leads to who they are. */
export function BreakdownCards({ breakdown, team }: { breakdown: Breakdown; team: Team }) {
  const statuses: Share[] = STATUSES.map((status) => ({
    key: status,
    label: STATUS_MARKS[status].word,
    hint: STATUS_MARKS[status].meaning,
    fill: STATUS_MARKS[status].fill,
    count: breakdown.status[status],
    href: withQuery("/learners", { status, team }),
  }));
  const levels: Share[] = LEVELS.map((level) => ({
    key: level,
    label: RISK_MARKS[level].word,
    hint: RISK_MARKS[level].meaning,
    fill: RISK_MARKS[level].fill,
    count: breakdown.risk[level],
    href: withQuery("/learners", { risk_level: level, team }),
  }));
  return (
    <div className="grid grid-cols-1 content-start gap-5 md:grid-cols-2 xl:grid-cols-1 print:grid-cols-2">
      <Card title="Learners by status" hint="By their last activity">
        <ShareBars shares={statuses} total={breakdown.learner_count} link={link} />
      </Card>
      <Card title="Learners by risk">
        <ShareBars shares={levels} total={breakdown.learner_count} link={link} />
      </Card>
    </div>
  );
}

const link = (share: Share, children: ReactNode) => (
  <Link
    href={share.href}
    className="-mx-2 block rounded-lg px-2 py-1.5 transition-colors hover:bg-raised"
  >
    {children}
  </Link>
);
