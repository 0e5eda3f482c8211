/** The shapes of the learner's side; docs/TRACKING_CONTRACT.md says what they mean. */

export type Progress = "not_started" | "in_progress" | "completed";

export interface ModuleRow {
  id: number;
  title: string;
  status: Progress;
  progress_percent: number;
  has_quiz: boolean;
  has_assignment: boolean;
}

export interface LearningResource {
  id: number;
  title: string;
  kind: "video" | "document" | "link";
  url: string;
  duration_seconds: number | null;
  completed: boolean;
  watch_time_seconds: number;
  covered_percent: number | null;
}

export type LearningModule = ModuleRow & { resources: LearningResource[] };

export interface Quiz {
  id: number;
  title: string;
  pass_score: number;
  questions: { id: number; text: string; choices: { id: number; text: string }[] }[];
}

export interface QuizOutcome {
  status: "recorded" | "duplicate";
  score: number;
  passed: boolean;
  pass_score: number;
  module: { status: Progress; progress_percent: number };
}
