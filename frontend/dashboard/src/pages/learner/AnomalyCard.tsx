import { sayEvidence } from "@/analytics/evidence";
import type { Anomaly } from "@/analytics/types";
import { Card } from "@/ui/Card";
import { sayDayLong } from "@/ui/format";
import { Icon } from "@/ui/Icon";

/** What is out of the ordinary; the card is there only if something is. */
export function AnomalyCard({ anomalies }: { anomalies: readonly Anomaly[] }) {
  if (anomalies.length === 0) return null;
  return (
    <Card title="Anomalies" hint="Out of the ordinary for this learner">
      <ul className="grid gap-3">
        {anomalies.map((anomaly) => (
          <li key={anomaly.code + anomaly.detected_on} className="flex gap-3">
            <span className="grid size-8 shrink-0 place-items-center rounded-md bg-warn-soft text-warn">
              <Icon name="warning" />
            </span>
            <div className="min-w-0">
              <p className="font-medium">
                {anomaly.label}
                <span className="font-normal text-muted"> · {sayDayLong(anomaly.detected_on)}</span>
              </p>
              <p className="text-sm text-muted">{sayEvidence(anomaly.code, anomaly.evidence)}</p>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}
