import type { QuizResult } from "@/analytics/types";
import { QuizChart } from "@/charts/QuizChart";
import { Card } from "@/ui/Card";
import { plural } from "@/ui/format";

export function QuizCard({ attempts }: { attempts: readonly QuizResult[] }) {
  const passed = attempts.filter((attempt) => attempt.passed).length;
  return (
    <Card
      title="Quizzes"
      hint={
        attempts.length > 0 ? `${plural(attempts.length, "attempt")}, ${passed} passed` : undefined
      }
    >
      {attempts.length === 0 ? (
        <p className="text-sm text-muted">No quiz has been attempted.</p>
      ) : (
        <QuizChart attempts={attempts} />
      )}
    </Card>
  );
}
