import { ageOf, type DataStatus, type Reading, statusOf } from "@/polling/freshness";
import { useElapsed } from "@/polling/useElapsed";
import { sayAge, sayClock, sayDateTimeZone } from "@/ui/format";
import { Icon, type IconName } from "@/ui/Icon";

const LOOKS: Record<DataStatus, { word: string; look: string; icon: IconName }> = {
  fresh: { word: "Fresh", look: "bg-good-soft text-good", icon: "check" },
  stale: { word: "Stale", look: "bg-warn-soft text-warn", icon: "clock" },
  outdated: { word: "Outdated", look: "bg-bad-soft text-bad", icon: "warning" },
};

/** How old the figures are, counted on without asking the server. */
export function FreshnessNote({ reading }: { reading: Reading }) {
  const now = useElapsed();
  const status = statusOf(reading, now);
  const { word, look, icon } = LOOKS[status];
  return (
    <p
      className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-muted tabular-nums"
      data-testid="freshness"
      data-status={status}
      data-refresh-id={reading.refreshId}
    >
      <span
        className={`inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-xs font-semibold ${look}`}
      >
        <Icon name={icon} className="size-3.5" />
        {word}
      </span>
      <span>
        <time dateTime={reading.computedAt} title={sayDateTimeZone(reading.computedAt)}>
          As of {sayClock(reading.computedAt)}
        </time>
        , <span data-testid="age">{sayAge(ageOf(reading, now))} ago</span>
      </span>
    </p>
  );
}
