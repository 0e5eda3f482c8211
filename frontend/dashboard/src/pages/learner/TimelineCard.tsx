import { useState } from "react";
import type { TimelineEvent } from "@/analytics/types";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { sayDateTime, sayDateTimeZone } from "@/ui/format";
import { Icon, type IconName } from "@/ui/Icon";

const ICONS: Record<TimelineEvent["type"], IconName> = {
  start: "learn",
  completion: "check",
  quiz: "quiz",
  submission: "document",
};
const FIRST = 8;

export function TimelineCard({ timeline }: { timeline: readonly TimelineEvent[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? timeline : timeline.slice(0, FIRST);
  return (
    <Card title="Timeline" hint="The latest first" className="card-long">
      {timeline.length === 0 ? (
        <p className="text-sm text-muted">Nothing has happened yet.</p>
      ) : (
        <ol>
          {shown.map((event) => (
            <li key={event.timestamp + event.event} className="relative flex gap-3 pb-4 last:pb-0">
              <span
                aria-hidden="true"
                className="absolute top-8 bottom-0 left-4 w-px bg-line [li:last-child>&]:hidden"
              />
              <span className="grid size-8 shrink-0 place-items-center rounded-full bg-raised text-muted">
                <Icon name={ICONS[event.type]} />
              </span>
              <div className="min-w-0 pt-0.5">
                <p className="text-sm font-medium">{event.event}</p>
                <time
                  dateTime={event.timestamp}
                  title={sayDateTimeZone(event.timestamp)}
                  className="text-sm text-muted"
                >
                  {sayDateTime(event.timestamp)}
                </time>
              </div>
            </li>
          ))}
        </ol>
      )}
      {timeline.length > FIRST && (
        <Button
          kind="quiet"
          className="mt-3 w-full print:hidden"
          aria-expanded={all}
          onClick={() => setAll(!all)}
        >
          {all ? "Show fewer" : `Show all ${timeline.length}`}
        </Button>
      )}
    </Card>
  );
}
