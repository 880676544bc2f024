import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { useEvents } from "../api/events";
import { frames, type QueryProblem } from "../api/query";
import { ChartPanel } from "../chart/ChartPanel";
import { LEGEND_COLUMNS } from "../chart/Legend";
import { QueryRows } from "../explore/QueryRows";
import { SaveDialog } from "../explore/SaveDialog";
import { StartHere } from "../explore/StartHere";
import { nameOf, readView, requestsOf, STYLES, widgetOf, writeView, type View } from "../explore/view";
import { stepText } from "../format/clock";
import { usePageRange } from "../time/page";
import { TimePicker } from "../time/TimePicker";
import { Button } from "../ui/Button";
import { PageHead } from "../ui/PageHead";
import type { Answers } from "../api/query";

export function Explore() {
  const [params, setParams] = useSearchParams();
  const text = writeView(new URLSearchParams(), readView(params)).toString();
  const view = useMemo(() => readView(new URLSearchParams(text)), [text]);
  const [saving, setSaving] = useState(false);
  const { span } = usePageRange();
  const { data: events } = useEvents(span.fromMs, span.toMs, view.queries.length > 0);
  const asked = useMemo(() => requestsOf(view), [view]);
  const specs = useMemo(() => asked.map(({ spec }) => spec), [asked]);
  const { data } = useQuery(frames(specs, span.fromMs, span.toMs));
  const problems = useMemo(() => problemsOf(view, data), [view, data]);
  const set = (next: View) => setParams((current) => writeView(current, next));
  const empty = view.queries.every((query) => query.trim() === "");
  return (
    <>
      <PageHead title="Explore">
        <TimePicker />
        <span className="head-gap" />
        <Button icon="dashboards" disabled={empty} onClick={() => setSaving(true)}>
          Save to dashboard
        </Button>
      </PageHead>
      <div className="page-body fill explore">
        <QueryRows key={text} view={view} problems={problems} onChange={set}>
          <div className="segments" role="group" aria-label="Drawn as">
            {STYLES.map((style) => (
              <button
                key={style}
                type="button"
                aria-pressed={view.style === style}
                onClick={() => set({ ...view, style })}
              >
                {style}
              </button>
            ))}
          </div>
        </QueryRows>
        {empty ? (
          <StartHere onPick={(query) => set({ ...view, queries: [query] })} />
        ) : (
          <div className="explore-chart">
            <ChartPanel
              id="x"
              title={view.queries.join(", ")}
              requests={asked}
              legend={LEGEND_COLUMNS}
              events={events}
            />
            <Foot data={data} />
          </div>
        )}
      </div>
      {saving && (
        <SaveDialog
          title={view.formulas[0] ?? view.queries[0] ?? ""}
          widget={(title) => widgetOf(view, title)}
          onClose={() => setSaving(false)}
        />
      )}
    </>
  );
}

/** A query's fault goes under its own line: plain results come in the order of the queries that are shown. */
function problemsOf(view: View, data: Answers | undefined): Record<string, QueryProblem> {
  const shown = view.queries
    .map((_, index) => nameOf(index))
    .filter((name, index) => view.queries[index].trim() !== "" && !view.hidden.includes(name));
  const found: Record<string, QueryProblem> = {};
  const plain = shown.length > 0 ? (data?.[0] ?? []) : [];
  for (const [index, { error }] of plain.entries()) if (error && shown[index]) found[shown[index]] = error;
  const formulas = view.formulas.length > 0 ? (data?.[shown.length > 0 ? 1 : 0] ?? []) : [];
  for (const [index, { error }] of formulas.entries()) if (error) found[`f${index}`] = error;
  return found;
}

function Foot({ data }: { data: Answers | undefined }) {
  const results = (data ?? []).flat();
  if (results.length === 0) return null;
  const series = results.flatMap((result) => result.series);
  const steps = [...new Set(results.filter(({ step_ms }) => step_ms > 0).map(({ step_ms }) => stepText(step_ms)))];
  const kinds = [...new Set(series.map(({ kind }) => kind))];
  const open = results.some(({ incomplete_from_ms }) => incomplete_from_ms !== null);
  const ahead = results.some(({ query }) => query.includes("forecast("));
  return (
    <div className="explore-foot">
      <span>{`${series.length} series`}</span>
      {steps.length > 0 && <span>{`one point is ${steps.join(", ")}`}</span>}
      {kinds.length > 0 && <span>{kinds.join(", ")}</span>}
      {open && <span>{ahead ? "dashed: a forecast" : "dashed: a bucket that has not ended"}</span>}
    </div>
  );
}
