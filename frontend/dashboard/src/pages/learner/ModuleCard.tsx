import type { LearnerModule } from "@/analytics/types";
import { Card } from "@/ui/Card";
import { sayMinutes, sayNumber } from "@/ui/format";
import { Meter } from "@/ui/Meter";
import { ModuleStatus } from "@/ui/ModuleStatus";

export function ModuleCard({ modules }: { modules: readonly LearnerModule[] }) {
  return (
    <Card title="Modules" hint="The latest activity first" className="card-long">
      {modules.length === 0 ? (
        <p className="text-sm text-muted">No module has been begun or assigned.</p>
      ) : (
        <ul className="grid gap-4">
          {modules.map((module) => (
            <li key={module.id}>
              <div className="flex flex-wrap items-baseline justify-between gap-x-3 gap-y-1">
                <p className="font-medium">{module.title}</p>
                <ModuleStatus status={module.status} />
              </div>
              <Meter
                className="my-1.5"
                percent={module.progress_percent}
                label={`Progress in ${module.title}`}
                fill={module.status === "completed" ? "bg-good" : "bg-accent"}
              />
              <p className="flex justify-between text-sm text-muted tabular-nums">
                <span>{sayNumber(module.progress_percent)} % done</span>
                <span>{sayMinutes(module.focus_time_mins)} focus</span>
              </p>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
