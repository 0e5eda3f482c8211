import { Link } from "wouter";
import { breakdown, summary, trends, withQuery } from "@/analytics/endpoints";
import { FiguresPage } from "@/analytics/FiguresPage";
import { TeamPicker } from "@/analytics/TeamPicker";
import { useManagerAnalytics } from "@/analytics/useManagerAnalytics";
import { numberIn, useAddress } from "@/app/useAddress";
import { plural } from "@/ui/format";
import { BreakdownCards } from "./overview/BreakdownCards";
import { SixFigures } from "./overview/SixFigures";
import { TrendCard } from "./overview/TrendCard";

export const PERIODS = [7, 30, 90] as const;

export function OverviewPage() {
  const [address, change] = useAddress();
  const team = numberIn(address, "team");
  const wanted = numberIn(address, "days");
  const days = PERIODS.find((period) => period === wanted) ?? 30;
  const endpoints = {
    summary: summary(team),
    breakdown: breakdown(team),
    trends: trends(team, days),
  };
  const analytics = useManagerAnalytics(endpoints, { keep: true });
  const { data } = analytics;

  return (
    <FiguresPage
      title="Team overview"
      lead={
        data.breakdown && (
          <Link className="link" href={withQuery("/learners", { team })}>
            {plural(data.breakdown.learner_count, "learner")}
          </Link>
        )
      }
      what="the overview"
      path={endpoints.summary.path}
      actions={<TeamPicker />}
      {...analytics}
    >
      <div className="print-in-turn grid grid-cols-1 gap-5">
        {data.summary && (
          <SixFigures
            summary={data.summary}
            breakdown={data.breakdown}
            trends={data.trends}
            team={team}
          />
        )}
        <div className="print-in-turn grid grid-cols-1 gap-5 xl:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
          {data.trends && (
            <TrendCard
              trends={data.trends}
              days={days}
              metric={address.get("trend")}
              onChange={change}
            />
          )}
          {data.breakdown && <BreakdownCards breakdown={data.breakdown} team={team} />}
        </div>
      </div>
    </FiguresPage>
  );
}
