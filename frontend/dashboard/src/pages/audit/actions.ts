/** The actions that are audited, in words. */
export const ACTIONS: Record<string, string> = {
  read_team_summary: "Read the team summary",
  read_breakdown: "Read the breakdown",
  read_teams: "Read the list of teams",
  read_learners: "Read the list of learners",
  read_details: "Read details",
  read_risk: "Read the risk",
  read_trends: "Read the trends",
  read_anomalies: "Read the anomalies",
  read_audit: "Read the audit",
  export_learners: "Downloaded the list of learners",
  export_details: "Downloaded details",
  request_refresh: "Asked for a refresh",
  assign: "Assigned a module",
  grade: "Graded a submission",
  read_submission: "Read a submission",
};

/** The particulars of an entry, such as "status: idle; page: 2". */
export function sayDetail(detail: Record<string, unknown>): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== "")
    .map(
      ([name, value]) =>
        `${name.replaceAll("_", " ")}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
    )
    .join("; ");
}
