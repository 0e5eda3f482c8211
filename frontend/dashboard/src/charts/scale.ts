/** Round numbers from 0 to at least `most`, for the lines of an axis. */
export function ticksTo(most: number, wanted = 4): number[] {
  if (most <= 0) return [0, 1];
  const rough = most / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step =
    [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  const ticks: number[] = [];
  for (let tick = 0; tick < most + step; tick += step) ticks.push(Number(tick.toPrecision(12)));
  return ticks;
}

/** Points of a line; a gap where a value is missing. */
export function linePath(points: readonly ({ x: number; y: number } | null)[]): string {
  let path = "";
  let isDrawing = false;
  for (const point of points) {
    if (point) path += `${isDrawing ? "L" : "M"}${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
    isDrawing = point !== null;
  }
  return path;
}
