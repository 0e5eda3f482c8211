/** The shapes of `/api/analytics/manager/…`; docs/TRACKING_CONTRACT.md says what they mean. */

export interface Stamped {
  computed_at: string;
  data_freshness_seconds: number;
}

export type ActivityStatus = "active" | "idle" | "inactive" | "not_started";
export type RiskLevel = "High" | "Medium" | "Low";

export interface SixFigures {
  active_24h: number;
  inactive_72h: number;
  avg_focus_mins: number | null;
  avg_accuracy: number | null;
  assignment_rate: number | null;
  at_risk_count: number;
}

export type TeamSummary = SixFigures & Stamped;

export type TeamRow = SixFigures & {
  id: number;
  name: string;
  learner_count: number;
  computed_at: string;
};

export type Breakdown = Stamped & {
  learner_count: number;
  status: Record<ActivityStatus, number>;
  risk: Record<RiskLevel, number>;
};

export interface TrendDay {
  date: string;
  active_learners: number;
  focus_minutes: number;
  completions: number;
  quiz_accuracy: number | null;
}

export type Trends = Stamped & { days: TrendDay[] };

export interface LearnerRow {
  id: number;
  username: string;
  full_name: string;
  team_id: number;
  status: ActivityStatus;
  engagement_score: number;
  modules_completed: number;
  modules_in_progress: number;
  total_focus_mins: number;
  last_active: string | null;
  risk_level: RiskLevel;
  computed_at: string;
}

export interface TimelineEvent {
  timestamp: string;
  event: string;
  type: "start" | "completion" | "quiz" | "submission";
}

export interface LearnerModule {
  id: number;
  title: string;
  status: "not_started" | "in_progress" | "completed";
  progress_percent: number;
  focus_time_mins: number;
}

export interface QuizResult {
  quiz_id: number;
  module_title: string;
  score: number;
  passed: boolean;
  timestamp: string;
}

export interface AssignmentRow {
  id: number;
  module_id: number;
  module_title: string;
  status: "assigned" | "submitted" | "completed" | "graded";
  due_at: string | null;
  submitted_at: string | null;
  submission_id: number | null;
  grade: number | null;
}

export type LearnerDetails = Stamped & {
  learner: {
    id: number;
    username: string;
    full_name: string;
    team_id: number;
    status: ActivityStatus;
    engagement_score: number;
    total_focus_mins: number;
    last_active: string | null;
    risk_level: RiskLevel;
  };
  timeline: TimelineEvent[];
  modules: LearnerModule[];
  quiz_performance: QuizResult[];
  assignments: AssignmentRow[];
};

export type Evidence = Record<string, unknown>;

export interface RiskFactor {
  code: string;
  label: string;
  points: number;
  evidence: Evidence;
}

export type Risk = Stamped & {
  id: number;
  username: string;
  risk_level: RiskLevel;
  risk_points: number;
  factors: RiskFactor[];
  insufficient_data: boolean;
};

export interface Anomaly {
  learner_id: number;
  team_id?: number;
  username: string;
  full_name: string;
  code: string;
  label: string;
  detected_on: string;
  evidence: Evidence;
  computed_at: string;
}

export interface RefreshAnswer extends Stamped {
  status: "requested" | "running" | "recent";
  refresh_id: number;
}

export interface AuditEntry {
  id: number;
  at: string;
  actor_id: number | null;
  actor: string;
  action: string;
  learner_id: number | null;
  detail: Record<string, unknown>;
  request_id: string;
}
