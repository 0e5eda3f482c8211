import { Icon, type IconName } from "./Icon";

type Status = "not_started" | "in_progress" | "completed";

const MARKS: Record<Status, { word: string; icon: IconName; look: string }> = {
  not_started: { word: "Not started", icon: "none", look: "text-muted" },
  in_progress: { word: "In progress", icon: "pulse", look: "text-accent" },
  completed: { word: "Completed", icon: "check", look: "text-good" },
};

export function ModuleStatus({ status }: { status: Status }) {
  const { word, icon, look } = MARKS[status];
  return (
    <span className={`inline-flex items-center gap-1.5 text-sm font-medium ${look}`}>
      <Icon name={icon} className="size-4" />
      {word}
    </span>
  );
}
