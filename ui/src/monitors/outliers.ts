/** Lines that stand apart in the colour of alerts, and on top; the others grey. */
import type { QueryResult, QuerySeries } from "../api/query";
import { ALERT, type ThemeName } from "../chart/palette";

const REST: Record<ThemeName, string> = { light: "#b4bcc8", dark: "#4a5564" };

/** Who stands apart is drawn last, over the others. */
export function outliersLast(results: QueryResult[]): QueryResult[] {
  return results.map((result) =>
    result.series.some(isOutlier)
      ? { ...result, series: [...result.series].sort((a, b) => Number(isOutlier(a)) - Number(isOutlier(b))) }
      : result,
  );
}

const isOutlier = ({ outlier }: QuerySeries) => outlier === true;

/** A line's colour by its label; none where nobody was asked to stand apart. */
export function outlierLook({ series }: QueryResult): ((label: string, theme: ThemeName) => string) | undefined {
  if (!series.some(({ outlier }) => outlier !== undefined)) return undefined;
  const apart = new Set(
    series.filter(isOutlier).map(({ group }) => group.map(([, value]) => value || "none").join(", ")),
  );
  return (label, theme) => (apart.has(label) ? ALERT : REST)[theme];
}
