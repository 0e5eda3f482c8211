import { Icon, type IconName } from "@/ui/Icon";
import type { ActivityStatus, RiskLevel } from "./types";

interface Mark {
  word: string;
  meaning: string;
  icon: IconName;
  /** Of the badge. */
  look: string;
  /** Of a bar. */
  fill: string;
}

export const STATUS_MARKS: Record<ActivityStatus, Mark> = {
  active: {
    word: "Active",
    meaning: "within the last 24 hours",
    icon: "pulse",
    look: "bg-good-soft text-good",
    fill: "bg-good",
  },
  idle: {
    word: "Idle",
    meaning: "24 to 72 hours ago",
    icon: "clock",
    look: "bg-idle-soft text-idle",
    fill: "bg-idle",
  },
  inactive: {
    word: "Inactive",
    meaning: "more than 72 hours ago",
    icon: "moon",
    look: "bg-warn-soft text-warn",
    fill: "bg-warn",
  },
  not_started: {
    word: "Not started",
    meaning: "no activity yet",
    icon: "none",
    look: "bg-raised text-muted",
    fill: "bg-edge",
  },
};

export const RISK_MARKS: Record<RiskLevel, Mark> = {
  High: {
    word: "High",
    meaning: "look at first",
    icon: "error",
    look: "bg-bad-soft text-bad",
    fill: "bg-bad",
  },
  Medium: {
    word: "Medium",
    meaning: "keep an eye on",
    icon: "warning",
    look: "bg-warn-soft text-warn",
    fill: "bg-warn",
  },
  Low: {
    word: "Low",
    meaning: "on course",
    icon: "check",
    look: "bg-good-soft text-good",
    fill: "bg-good",
  },
};

function Badge({ mark, suffix = "" }: { mark: Mark; suffix?: string }) {
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-xs font-semibold whitespace-nowrap ${mark.look}`}
    >
      <Icon name={mark.icon} className="size-3.5" />
      {mark.word}
      {suffix}
    </span>
  );
}

export const StatusBadge = ({ status }: { status: ActivityStatus }) => (
  <Badge mark={STATUS_MARKS[status]} />
);

export const RiskBadge = ({ level, full = false }: { level: RiskLevel; full?: boolean }) => (
  <Badge mark={RISK_MARKS[level]} suffix={full ? " risk" : ""} />
);
