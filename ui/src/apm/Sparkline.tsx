import type { Values } from "../api/query";

const POINTS_MAX = 60;
const WIDTH = 120;
const HEIGHT = 22;

/** The middle of each stretch: a small picture needs no more points than pixels. */
function thinned(values: Values): Values {
  if (values.length <= POINTS_MAX) return values;
  return Array.from({ length: POINTS_MAX }, (_, at) => {
    const from = Math.floor((at * values.length) / POINTS_MAX);
    const part = values
      .slice(from, Math.max(from + 1, Math.floor(((at + 1) * values.length) / POINTS_MAX)))
      .filter((value) => value !== null);
    return part.length === 0 ? null : part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}

export function sparkPath(values: Values, width = WIDTH, height = HEIGHT): string {
  const points = thinned(values);
  const top = Math.max(1e-9, ...points.map((value) => value ?? 0));
  const step = width / Math.max(1, points.length - 1);
  return points
    .map(
      (value, at) =>
        `${at === 0 ? "M" : "L"}${(at * step).toFixed(1)} ${(height - 1 - ((value ?? 0) / top) * (height - 3)).toFixed(1)}`,
    )
    .join("");
}

export function Sparkline({ values, label }: { values: Values | undefined; label: string }) {
  if (!values || values.length < 2) return <span className="spark-none" />;
  const path = sparkPath(values);
  return (
    <svg className="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path className="spark-area" d={`${path}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} />
      <path className="spark-line" d={path} />
    </svg>
  );
}
