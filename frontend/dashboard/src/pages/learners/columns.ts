/** What the list can be ordered by, as the server names it. */
export interface Column {
  field: string;
  title: string;
  isNumber: boolean;
  /** The first click on a number puts the largest first. */
  descendsFirst: boolean;
  /** From which width on the column is there; below, its content stands under the name. */
  shown: string;
}

export const COLUMNS: readonly Column[] = [
  { field: "full_name", title: "Learner", isNumber: false, descendsFirst: false, shown: "" },
  {
    field: "risk_level",
    title: "Risk",
    isNumber: false,
    descendsFirst: true,
    shown: "max-sm:hidden",
  },
  {
    field: "engagement_score",
    title: "Engagement",
    isNumber: true,
    descendsFirst: true,
    shown: "",
  },
  {
    field: "modules_completed",
    title: "Completed",
    isNumber: true,
    descendsFirst: true,
    shown: "max-md:hidden",
  },
  {
    field: "modules_in_progress",
    title: "In progress",
    isNumber: true,
    descendsFirst: true,
    shown: "max-xl:hidden",
  },
  {
    field: "total_focus_mins",
    title: "Focus",
    isNumber: true,
    descendsFirst: true,
    shown: "max-md:hidden",
  },
  {
    field: "last_active",
    title: "Last active",
    isNumber: false,
    descendsFirst: true,
    shown: "max-lg:hidden",
  },
];
