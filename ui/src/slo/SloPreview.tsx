import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { frames, type QueryResult, type QuerySpec } from "../api/query";
import { useMonitors } from "../api/monitors";
import { ChartPanel, type ChartRequest } from "../chart/ChartPanel";
import { PLAIN_LOOK } from "../chart/plot";
import type { YAxis } from "../dashboard/model";
import { StatusDot } from "../notify/StatusDot";
import { usePageRange } from "../time/page";
import { PERCENT } from "./BurnDown";
import { sliText } from "./figures";
import type { SloForm } from "./form";

/** What the draft comes to over the page's range, from what is stored. */
export function SloPreview({ form }: { form: SloForm }) {
  return (
    <section className="preview-pane slo-preview" aria-label="Preview">
      {form.type === "monitor" && <MonitorsPreview ids={form.monitorIds} />}
      {form.type === "metric" && <RatioPreview form={form} />}
      {form.type === "time_slice" && <SlicePreview form={form} />}
    </section>
  );
}

const LEVEL_AXIS = { include_zero: false };
const percentOf = (share: number | null) => (share === null ? null : share * 100);

function RatioPreview({ form }: { form: SloForm }) {
  const { numerator, denominator, targets } = form;
  const asked = numerator.trim() !== "" && denominator.trim() !== "";
  const specs = useMemo(
    (): QuerySpec[] =>
      asked
        ? [
            {
              display: "bar",
              queries: [
                { name: "good", query: numerator },
                { name: "all", query: denominator },
              ],
            },
          ]
        : [],
    [asked, numerator, denominator],
  );
  const { span } = usePageRange();
  const { data } = useQuery(frames(specs, span.fromMs, span.toMs));
  const requests = useMemo((): ChartRequest[] => {
    const [spec] = specs;
    const formulas = [{ formula: "good / all * 100", alias: "level" }];
    return spec ? [{ spec: { ...spec, formulas }, look: { ...PLAIN_LOOK, unit: PERCENT } }] : [];
  }, [specs]);
  if (!asked) return <p className="dim">Name both counts to see the level.</p>;
  const [good, all] = (data?.[0] ?? []).map(total);
  const share = good !== undefined && all ? good / all : null;
  return (
    <>
      <Level text={sliText(percentOf(share), Number(targets[0]?.target))} of="in this range" />
      <Chart
        title="Level"
        requests={requests}
        axis={LEVEL_AXIS}
        line={`y = ${targets[0]?.target ?? ""}`}
        label="target"
      />
    </>
  );
}

function total(result: QueryResult): number {
  return result.series.reduce((sum, { stats }) => sum + (stats.sum ?? 0), 0);
}

function SlicePreview({ form }: { form: SloForm }) {
  const { queries, formula, comparator, threshold, interval, foreign, targets } = form;
  const { span } = usePageRange();
  const spec = useMemo((): QuerySpec | null => {
    if (foreign) return { display: "line", step_s: interval, ...foreign.query };
    if (queries.some(({ query }) => query.trim() === "")) return null;
    return { display: "line", step_s: interval, queries, formulas: [{ formula: formula || "query1" }] };
  }, [queries, formula, interval, foreign]);
  const { data } = useQuery(frames(spec ? [spec] : [], span.fromMs, span.toMs));
  const requests = useMemo((): ChartRequest[] => (spec ? [{ spec, look: PLAIN_LOOK }] : []), [spec]);
  const bound = Number(threshold);
  if (!spec) return <p className="dim">Name what is measured to see it.</p>;
  const share = threshold.trim() === "" ? null : goodShare((data ?? []).flat(), comparator, bound);
  return (
    <>
      <Level text={sliText(percentOf(share), Number(targets[0]?.target))} of="of the slices in this range are good" />
      <Chart title="What is measured" requests={requests} line={`y = ${threshold}`} label="threshold" />
    </>
  );
}

const HOLDS: Record<string, (value: number, bound: number) => boolean> = {
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

/** Of the slices that have a value. */
function goodShare(results: QueryResult[], comparator: string, bound: number): number | null {
  const values = results
    .flatMap(({ series }) => series.flatMap((each) => each.values))
    .filter((value) => value !== null);
  if (values.length === 0) return null;
  return values.filter((value) => HOLDS[comparator]?.(value, bound)).length / values.length;
}

function MonitorsPreview({ ids }: { ids: number[] }) {
  const { data } = useMonitors({ query: "", sort: "name" });
  const chosen = (data?.monitors ?? []).filter(({ id }) => ids.includes(id));
  if (chosen.length === 0) return <p className="dim">Choose monitors to see their states.</p>;
  return (
    <>
      <h3>Now</h3>
      <ul className="preview-monitors">
        {chosen.map(({ id, name, status, groups }) => (
          <li key={id}>
            <StatusDot status={status} /> {name} <span className="dim">{groups.total} groups</span>
          </li>
        ))}
      </ul>
      <p className="dim">The level over each window is counted from their history once the objective is saved.</p>
    </>
  );
}

function Level({ text, of }: { text: string; of: string }) {
  return (
    <p className="slo-level">
      <b>{text}</b> <span className="dim">{of}</span>
    </p>
  );
}

function Chart({
  title,
  requests,
  axis,
  line,
  label,
}: {
  title: string;
  requests: ChartRequest[];
  axis?: YAxis;
  line: string;
  label: string;
}) {
  const markers = useMemo(() => [{ value: line, display_type: "error dashed", label }], [line, label]);
  return (
    <div className="preview-chart">
      <ChartPanel id="slo-preview" title={title} requests={requests} axis={axis} markers={markers} legend="names" />
    </div>
  );
}
