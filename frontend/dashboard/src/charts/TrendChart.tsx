import { type PointerEvent, useId, useState } from "react";
import { sayDay, sayDayLong, sayNumber } from "@/ui/format";
import { linePath, ticksTo } from "./scale";
import { useWidth } from "./useWidth";

export interface TrendPoint {
  date: string;
  value: number | null;
}

interface Props {
  points: readonly TrendPoint[];
  /** What is drawn: "Active learners". */
  title: string;
  unit: string;
  /** The end of the axis, where there is a natural one. */
  most?: number;
}

const LEFT = 44;
const RIGHT = 12;
const TOP = 14;
const BOTTOM = 28;

/** One figure day by day: a drawing for the eye, and the same numbers as a table for everybody. */
export function TrendChart({ points, title, unit, most }: Props) {
  const [ref, width] = useWidth<HTMLDivElement>(640);
  const height = width > 560 ? 400 : 220;
  const [at, setAt] = useState<number | null>(null);
  const gradient = useId();
  const known = points.filter((point) => point.value !== null);
  const ticks = ticksTo(most ?? Math.max(...known.map((point) => point.value ?? 0), 1));
  const top = most ?? ticks.at(-1) ?? 1;

  const x = (place: number) =>
    LEFT + (place / Math.max(points.length - 1, 1)) * (width - LEFT - RIGHT);
  const y = (value: number) => TOP + (1 - value / top) * (height - TOP - BOTTOM);
  const spots = points.map(({ value }, place) =>
    value === null ? null : { x: x(place), y: y(value) },
  );
  const line = linePath(spots);
  const isWhole = spots.every((spot) => spot !== null) && spots.length > 1;
  const every = Math.max(
    1,
    Math.ceil(points.length / Math.max(2, Math.floor((width - LEFT) / 84))),
  );
  const chosen = at === null ? undefined : points[at];
  const chosenX = at === null ? 0 : x(at);

  const follow = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left - LEFT) / Math.max(1, box.width - LEFT - RIGHT);
    setAt(Math.min(points.length - 1, Math.max(0, Math.round(share * (points.length - 1)))));
  };

  return (
    <div>
      <div ref={ref} className="relative">
        <svg
          role="img"
          aria-label={describe(title, unit, points)}
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          className="block max-w-full text-accent print:mx-auto print:h-60"
          onPointerMove={follow}
          onPointerLeave={() => setAt(null)}
        >
          <defs>
            <linearGradient id={gradient} x1="0" x2="0" y1="0" y2="1">
              <stop offset="0" stopColor="currentColor" stopOpacity="0.22" />
              <stop offset="1" stopColor="currentColor" stopOpacity="0" />
            </linearGradient>
          </defs>
          {ticks
            .filter((tick) => tick <= top)
            .map((tick) => (
              <g key={tick}>
                <line
                  x1={LEFT}
                  x2={width - RIGHT}
                  y1={y(tick)}
                  y2={y(tick)}
                  className="stroke-line"
                />
                <text
                  x={LEFT - 8}
                  y={y(tick) + 4}
                  textAnchor="end"
                  className="fill-muted text-xs tabular-nums"
                >
                  {sayNumber(tick)}
                </text>
              </g>
            ))}
          {points.map((point, place) =>
            (points.length - 1 - place) % every === 0 ? (
              <text
                key={point.date}
                x={x(place)}
                y={height - 8}
                textAnchor={place === points.length - 1 ? "end" : place === 0 ? "start" : "middle"}
                className="fill-muted text-xs"
              >
                {sayDay(point.date)}
              </text>
            ) : null,
          )}
          {isWhole && (
            <path
              d={`${line}L${x(points.length - 1)} ${y(0)}L${x(0)} ${y(0)}Z`}
              fill={`url(#${gradient})`}
            />
          )}
          <path
            d={line}
            fill="none"
            stroke="currentColor"
            strokeWidth="2"
            strokeLinejoin="round"
            strokeLinecap="round"
          />
          {!isWhole &&
            spots.map(
              (spot, place) =>
                spot && (
                  <circle
                    key={points[place]?.date}
                    cx={spot.x}
                    cy={spot.y}
                    r="3"
                    fill="currentColor"
                  />
                ),
            )}
          {chosen && (
            <g>
              <line
                x1={chosenX}
                x2={chosenX}
                y1={TOP}
                y2={height - BOTTOM}
                className="stroke-edge"
                strokeDasharray="3 3"
              />
              {chosen.value !== null && (
                <circle
                  cx={chosenX}
                  cy={y(chosen.value)}
                  r="4.5"
                  fill="currentColor"
                  className="stroke-surface"
                  strokeWidth="2"
                />
              )}
            </g>
          )}
        </svg>
        {chosen && (
          <div
            aria-hidden="true"
            className="card pointer-events-none absolute top-0 px-3 py-1.5 text-sm whitespace-nowrap"
            style={chosenX > width / 2 ? { right: width - chosenX + 10 } : { left: chosenX + 10 }}
          >
            <span className="text-muted">{sayDayLong(chosen.date)}</span>
            <br />
            <strong>{chosen.value === null ? "none" : `${sayNumber(chosen.value)} ${unit}`}</strong>
          </div>
        )}
      </div>
      <details className="mt-2 text-sm print:hidden">
        <summary className="link w-fit rounded">Show the numbers as a table</summary>
        <div
          className="mt-2 max-h-72 overflow-auto rounded-lg border border-line"
          tabIndex={0}
          role="region"
          aria-label={`${title}, table`}
        >
          <table className="w-full text-left tabular-nums">
            <caption className="sr-only">{title} by day (UTC)</caption>
            <thead className="bg-raised">
              <tr>
                <th scope="col" className="px-3 py-1.5 font-medium">
                  Day (UTC)
                </th>
                <th scope="col" className="px-3 py-1.5 text-right font-medium">
                  {title}
                </th>
              </tr>
            </thead>
            <tbody>
              {[...points].reverse().map((point) => (
                <tr key={point.date} className="border-t border-line">
                  <th scope="row" className="px-3 py-1.5 font-normal">
                    {sayDayLong(point.date)}
                  </th>
                  <td className="px-3 py-1.5 text-right">
                    {point.value === null ? "–" : sayNumber(point.value)}
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

function describe(title: string, unit: string, points: readonly TrendPoint[]): string {
  const known = points.filter(
    (point): point is { date: string; value: number } => point.value !== null,
  );
  const last = known.at(-1);
  if (!last) return `${title}: nothing in these ${points.length} days.`;
  const high = known.reduce((best, point) => (point.value > best.value ? point : best));
  return (
    `${title} over ${points.length} days: ${sayNumber(last.value)} ${unit} on ${sayDayLong(last.date)}, ` +
    `highest ${sayNumber(high.value)} on ${sayDayLong(high.date)}.`
  );
}
