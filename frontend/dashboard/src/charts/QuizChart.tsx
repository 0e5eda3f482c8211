import type { QuizResult } from "@/analytics/types";
import { sayDateTime, sayNumber } from "@/ui/format";
import { useWidth } from "./useWidth";

const HEIGHT = 190;
const LEFT = 36;
const TOP = 12;
const BOTTOM = 26;
/** So many of the latest attempts are drawn; the table has all. */
const DRAWN = 24;

/** Attempts in the order they were made; passed ones are filled, failed ones are hollow crosses. */
export function QuizChart({ attempts }: { attempts: readonly QuizResult[] }) {
  const [ref, width] = useWidth<HTMLDivElement>(520);
  const drawn = attempts.slice(0, DRAWN).reverse();
  const step = (width - LEFT - 8) / drawn.length;
  const y = (score: number) => TOP + (1 - score / 100) * (HEIGHT - TOP - BOTTOM);
  const passed = drawn.filter((attempt) => attempt.passed).length;
  const bar = Math.min(28, step * 0.6);

  return (
    <div>
      <div ref={ref}>
        <svg
          role="img"
          width={width}
          height={HEIGHT}
          className="block max-w-full"
          aria-label={`Scores of the latest ${drawn.length} attempts: ${passed} passed, ${drawn.length - passed} not passed. The table below has each of them.`}
        >
          {[0, 25, 50, 75, 100].map((tick) => (
            <g key={tick}>
              <line x1={LEFT} x2={width} y1={y(tick)} y2={y(tick)} className="stroke-line" />
              <text
                x={LEFT - 8}
                y={y(tick) + 4}
                textAnchor="end"
                className="fill-muted text-xs tabular-nums"
              >
                {tick}
              </text>
            </g>
          ))}
          {drawn.map((attempt, place) => {
            const middle = LEFT + step * (place + 0.5);
            const top = y(attempt.score);
            return (
              <g
                key={attempt.timestamp + attempt.quiz_id}
                className={attempt.passed ? "text-good" : "text-bad"}
              >
                <title>{`${attempt.module_title}: ${sayNumber(attempt.score)} %, ${attempt.passed ? "passed" : "not passed"}, ${sayDateTime(attempt.timestamp)}`}</title>
                <rect
                  x={middle - bar / 2}
                  y={Math.min(top, y(0) - 2)}
                  width={bar}
                  height={Math.max(2, y(0) - top)}
                  rx="3"
                  fill="currentColor"
                  fillOpacity={attempt.passed ? 0.85 : 0.15}
                  stroke="currentColor"
                  strokeWidth="1.5"
                  strokeDasharray={attempt.passed ? undefined : "4 3"}
                />
              </g>
            );
          })}
        </svg>
      </div>
      <p className="mt-1 flex flex-wrap gap-x-5 gap-y-1 text-sm text-muted" aria-hidden="true">
        <span className="inline-flex items-center gap-1.5">
          <span className="size-3 rounded-sm bg-good" /> passed
        </span>
        <span className="inline-flex items-center gap-1.5">
          <span className="size-3 rounded-sm border-2 border-dashed border-bad" /> not passed
        </span>
        <span>oldest to latest, score in %</span>
      </p>
      <details className="mt-3 text-sm" open={attempts.length <= 4}>
        <summary className="link w-fit rounded">All attempts</summary>
        <div
          className="mt-2 max-h-72 overflow-auto rounded-lg border border-line"
          tabIndex={0}
          role="region"
          aria-label="All attempts, table"
        >
          <table className="w-full text-left tabular-nums">
            <caption className="sr-only">Quiz attempts, the latest first</caption>
            <thead className="bg-raised">
              <tr>
                <th scope="col" className="px-3 py-1.5 font-medium">
                  Quiz of
                </th>
                <th scope="col" className="px-3 py-1.5 text-right font-medium">
                  Score
                </th>
                <th scope="col" className="px-3 py-1.5 font-medium">
                  Result
                </th>
                <th scope="col" className="px-3 py-1.5 font-medium">
                  When
                </th>
              </tr>
            </thead>
            <tbody>
              {attempts.map((attempt) => (
                <tr key={attempt.timestamp + attempt.quiz_id} className="border-t border-line">
                  <th scope="row" className="px-3 py-1.5 font-normal">
                    {attempt.module_title}
                  </th>
                  <td className="px-3 py-1.5 text-right whitespace-nowrap">
                    {sayNumber(attempt.score)} %
                  </td>
                  <td className="px-3 py-1.5 whitespace-nowrap">
                    {attempt.passed ? "passed" : "not passed"}
                  </td>
                  <td className="px-3 py-1.5 whitespace-nowrap">
                    {sayDateTime(attempt.timestamp)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  );
}
