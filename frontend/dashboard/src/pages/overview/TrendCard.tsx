import type { TrendDay, Trends } from "@/analytics/types";
import type { Changes } from "@/app/useAddress";
import { TrendChart } from "@/charts/TrendChart";
import { Card } from "@/ui/Card";
import { Choice } from "@/ui/Choice";
import { PERIODS } from "../OverviewPage";

interface Metric {
  key: string;
  title: string;
  unit: string;
  most?: number;
  value: (day: TrendDay) => number | null;
}

const ACTIVE: Metric = {
  key: "active",
  title: "Active learners",
  unit: "learners",
  value: (day) => day.active_learners,
};
const METRICS: readonly Metric[] = [
  ACTIVE,
  { key: "focus", title: "Focus minutes", unit: "min", value: (day) => day.focus_minutes },
  { key: "completions", title: "Completions", unit: "modules", value: (day) => day.completions },
  {
    key: "accuracy",
    title: "Quiz accuracy",
    unit: "%",
    most: 100,
    value: (day) => day.quiz_accuracy,
  },
];

interface Props {
  trends: Trends;
  days: number;
  metric: string | null;
  onChange: (changes: Changes) => void;
}

export function TrendCard({ trends, days, metric: key, onChange }: Props) {
  const metric = METRICS.find((known) => known.key === key) ?? ACTIVE;
  return (
    <Card
      title="Day by day"
      hint={`${metric.title}, the last ${days} days`}
      aside={
        <Choice
          legend="Period"
          options={PERIODS.map((period) => ({ value: String(period), label: `${period} days` }))}
          value={String(days)}
          onChange={(value) => onChange({ days: value === "30" ? null : value })}
        />
      }
    >
      <div className="mb-4">
        <Choice
          legend="Figure"
          options={METRICS.map(({ key: value, title }) => ({ value, label: title }))}
          value={metric.key}
          onChange={(value) => onChange({ trend: value === ACTIVE.key ? null : value })}
        />
      </div>
      <TrendChart
        title={metric.title}
        unit={metric.unit}
        points={trends.days.map((day) => ({ date: day.date, value: metric.value(day) }))}
        {...(metric.most === undefined ? {} : { most: metric.most })}
      />
    </Card>
  );
}
