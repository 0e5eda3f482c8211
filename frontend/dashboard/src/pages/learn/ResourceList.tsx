import type { LearningResource } from "@/learning/types";
import { Card } from "@/ui/Card";
import { sayMinutes, sayNumber } from "@/ui/format";
import { Icon } from "@/ui/Icon";

interface Props {
  resources: readonly LearningResource[];
  open: number | null;
  onOpen: (resource: number) => void;
}

export function ResourceList({ resources, open, onOpen }: Props) {
  return (
    <Card title="Resources" className="h-fit">
      {resources.length === 0 && (
        <p className="text-sm text-muted">This module has no resources.</p>
      )}
      <ol className="-mx-2 grid gap-1">
        {resources.map((resource) => (
          <li key={resource.id}>
            <button
              type="button"
              aria-current={resource.id === open ? "true" : undefined}
              onClick={() => onOpen(resource.id)}
              className={`flex w-full items-start gap-3 rounded-lg p-2 text-left transition-colors hover:bg-raised ${resource.id === open ? "bg-accent-soft" : ""}`}
            >
              <span
                className={`grid size-8 shrink-0 place-items-center rounded-md ${resource.completed ? "bg-good-soft text-good" : "bg-raised text-muted"}`}
              >
                <Icon name={resource.completed ? "check" : resource.kind} />
              </span>
              <span className="min-w-0">
                <span className="block text-sm font-medium">{resource.title}</span>
                <span className="block text-sm text-muted tabular-nums">{describe(resource)}</span>
              </span>
            </button>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function describe({
  kind,
  completed,
  covered_percent,
  duration_seconds,
}: LearningResource): string {
  const name = { video: "Video", document: "Document", link: "Link" }[kind];
  const length = duration_seconds ? `, ${sayMinutes(duration_seconds / 60)}` : "";
  if (completed) return `${name}${length} · done`;
  return covered_percent
    ? `${name}${length} · ${sayNumber(covered_percent)} % seen`
    : `${name}${length}`;
}
