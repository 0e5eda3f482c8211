import type {
  Anomaly,
  Breakdown,
  LearnerDetails,
  LearnerRow,
  Risk,
  TeamRow,
  TeamSummary,
  Trends,
} from "./types";

const BASE = "/api/analytics/manager";

/** How often figures are asked for while they are shown, in milliseconds. */
export const SUMMARY_EVERY = 60_000;
export const LIST_EVERY = 90_000;
export const DETAIL_EVERY = 30_000;

/** An address of figures and the type of what it answers. */
export interface Endpoint<T> {
  path: string;
  every: number;
  /** Never there; carries the type. */
  readonly answer?: T;
}

export type Query = Record<string, string | number | null | undefined>;

/** A path with those parameters that have a value. */
export function withQuery(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}

export type Team = number | null;

export const summary = (team: Team): Endpoint<TeamSummary> => ({
  path: withQuery(`${BASE}/team-summary/`, { team }),
  every: SUMMARY_EVERY,
});

export const breakdown = (team: Team): Endpoint<Breakdown> => ({
  path: withQuery(`${BASE}/breakdown/`, { team }),
  every: SUMMARY_EVERY,
});

export const trends = (team: Team, days: number): Endpoint<Trends> => ({
  path: withQuery(`${BASE}/trends/`, { days, team }),
  every: SUMMARY_EVERY,
});

export const learners = (query: Query): Endpoint<LearnerRow[]> => ({
  path: withQuery(`${BASE}/learners/`, query),
  every: LIST_EVERY,
});

export const details = (learner: number): Endpoint<LearnerDetails> => ({
  path: `${BASE}/${learner}/details/`,
  every: DETAIL_EVERY,
});

export const risk = (learner: number): Endpoint<Risk> => ({
  path: `${BASE}/${learner}/risk/`,
  every: DETAIL_EVERY,
});

export const anomalies = (query: Query): Endpoint<Anomaly[]> => ({
  path: withQuery(`${BASE}/anomalies/`, query),
  every: LIST_EVERY,
});

/** Asked for once, to choose a team from. */
export const TEAMS_PATH = `${BASE}/teams/?page_size=500`;
export type Teams = TeamRow[];

export const REFRESH_PATH = `${BASE}/refresh/`;
export const AUDIT_PATH = `${BASE}/audit/`;
export const learnersCsv = (query: Query): string => withQuery(`${BASE}/learners.csv`, query);
export const detailsCsv = (learner: number): string => `${BASE}/${learner}/details.csv`;

export const learnerAnomalies = (learner: number): Endpoint<Anomaly[]> => ({
  path: withQuery(`${BASE}/anomalies/`, { learner, page_size: 50 }),
  every: DETAIL_EVERY,
});
