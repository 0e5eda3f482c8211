import { linePath } from "./scale";

const WIDTH = 120;
const HEIGHT = 32;

/** The course of a figure at a glance; the words beside it say it to everybody. */
export function Sparkline({
  values,
  label,
}: {
  values: readonly (number | null)[];
  label: string;
}) {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return null;
  const most = Math.max(...known, 1);
  const points = values.map((value, place) =>
    value === null
      ? null
      : {
          x: 2 + (place / (values.length - 1)) * (WIDTH - 4),
          y: HEIGHT - 3 - (value / most) * (HEIGHT - 6),
        },
  );
  const last = points.at(-1);
  return (
    <svg
      role="img"
      aria-label={label}
      className="h-8 w-30 text-accent"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
    >
      <path
        d={linePath(points)}
        fill="none"
        stroke="currentColor"
        strokeLinecap="round"
        strokeLinejoin="round"
        strokeWidth="2"
        vectorEffect="non-scaling-stroke"
      />
      {last && <circle cx={last.x} cy={last.y} r="2.5" fill="currentColor" />}
    </svg>
  );
}
