import { sayEvidence } from "@/analytics/evidence";
import { RiskBadge } from "@/analytics/marks";
import type { Risk } from "@/analytics/types";
import { Card } from "@/ui/Card";
import { plural, sayNumber } from "@/ui/format";

/** Why somebody is thought to be at risk: every factor with its points and what it was judged by. */
export function RiskCard({ risk }: { risk: Risk }) {
  return (
    <Card
      title="Risk"
      hint={plural(risk.risk_points, "point")}
      aside={<RiskBadge level={risk.risk_level} full />}
    >
      {risk.factors.length === 0 ? (
        <p className="text-sm text-muted">
          {risk.insufficient_data
            ? "There is not enough data to judge: no modules, no assignments and no activity."
            : "No risk factors."}
        </p>
      ) : (
        <ul className="grid gap-3">
          {risk.factors.map((factor) => (
            <li key={factor.code} className="flex gap-3" data-testid={`factor-${factor.code}`}>
              <span className="h-fit min-w-12 rounded-md bg-raised px-2 py-1 text-center text-sm font-semibold tabular-nums">
                +{sayNumber(factor.points)}
                <span className="sr-only"> points</span>
              </span>
              <div className="min-w-0">
                <p className="font-medium">{factor.label}</p>
                <p className="text-sm text-muted">{sayEvidence(factor.code, factor.evidence)}</p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
