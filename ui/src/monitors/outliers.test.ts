import { describe, expect, it } from "vitest";
import type { QueryResult, QuerySeries } from "../api/query";
import { PLAIN_LOOK, plotOf } from "../chart/plot";
import { ALERT } from "../chart/palette";
import { outlierLook, outliersLast } from "./outliers";

const series = (host: string, outlier?: boolean) =>
  ({
    group: [["host", host]],
    values: [1],
    band: null,
    outlier,
    stats: {},
    unit: null,
    kind: "gauge",
  }) as unknown as QuerySeries;

const result = (all: QuerySeries[]) =>
  ({ times: [0], step_ms: 1000, series: all, query: "q" }) as unknown as QueryResult;

describe("outliers", () => {
  it("are drawn last, in the colour of alerts, and the others grey", () => {
    const [sorted] = outliersLast([result([series("a", false), series("b", true), series("c", false)])]);
    expect(sorted.series.map(({ group }) => group[0][1])).toEqual(["a", "c", "b"]);
    const { lines } = plotOf([{ result: sorted, look: { ...PLAIN_LOOK, paint: outlierLook(sorted) } }], "light");
    expect(lines.map(({ colour }) => colour === ALERT.light)).toEqual([false, false, true]);
    expect(lines[0].colour).toBe(lines[1].colour);
  });

  it("change nothing where nobody asked for them", () => {
    expect(outlierLook(result([series("a")]))).toBeUndefined();
  });
});
