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

/** The particulars of an entry, such as "status: idle; page: 2; refresh id: 7". */
export function sayDetail(detail: Record<string, unknown>): string {
  return flatten(detail)
    .map(([name, value]) => `${name.replaceAll("_", " ")}: ${value}`)
    .join("; ");
}

/** What was asked for stands in an object of its own; here it is all one list. */
function flatten(detail: Record<string, unknown>): [string, string][] {
  return Object.entries(detail).flatMap(([name, value]): [string, string][] => {
    if (value === null || value === "") return [];
    if (Array.isArray(value)) return value.length > 0 ? [[name, value.join(", ")]] : [];
    if (typeof value === "object") return flatten(value as Record<string, unknown>);
    return [[name, String(value)]];
  });
}
