/** The editor's form of an objective, and Datadog's object. Fields that the form does not know are carried along. */
import { isRowsQuery } from "../api/query";
import { TIMEFRAMES, type Comparator, type Slo, type SloType, type Timeframe, type TimeSlice } from "../api/slos";

export interface TargetForm {
  timeframe: Timeframe;
  target: string;
  warning: string;
}

export interface SloForm {
  /** What was read: the base of what is written. */
  kept: Partial<Slo>;
  type: SloType;
  name: string;
  description: string;
  tags: string;
  targets: TargetForm[];
  numerator: string;
  denominator: string;
  monitorIds: number[];
  groups: string;
  queries: { name: string; query: string }[];
  formula: string;
  /** A time slice over rows, or of another form than this one's: written back as it came. */
  foreign: TimeSlice | null;
  comparator: Comparator;
  threshold: string;
  interval: 60 | 300;
}

export function freshSlo(): SloForm {
  return {
    kept: {},
    type: "metric",
    name: "",
    description: "",
    tags: "",
    targets: [{ timeframe: "30d", target: "99.9", warning: "" }],
    numerator: "",
    denominator: "",
    monitorIds: [],
    groups: "",
    queries: [{ name: "query1", query: "" }],
    formula: "query1",
    foreign: null,
    comparator: "<",
    threshold: "",
    interval: 300,
  };
}

export function readSlo(slo: Slo): SloForm {
  const slice = slo.sli_specification?.time_slice;
  const plain = slice && slice.query.queries.every((query) => !isRowsQuery(query)) && slice.query.formulas.length === 1;
  return {
    ...freshSlo(),
    kept: slo,
    type: slo.type,
    name: slo.name,
    description: slo.description ?? "",
    tags: (slo.tags ?? []).join(", "),
    targets: slo.thresholds.map(({ timeframe, target, warning }) => ({
      timeframe,
      target: String(target),
      warning: warning ? String(warning) : "",
    })),
    numerator: slo.query?.numerator ?? "",
    denominator: slo.query?.denominator ?? "",
    monitorIds: slo.monitor_ids ?? [],
    groups: (slo.groups ?? []).join("\n"),
    ...(slice && {
      comparator: slice.comparator,
      threshold: String(slice.threshold),
      interval: slice.query_interval_seconds,
      foreign: plain ? null : slice,
    }),
    ...(plain && {
      queries: slice.query.queries.flatMap((query) =>
        isRowsQuery(query) ? [] : [{ name: query.name, query: query.query }],
      ),
      formula: slice.query.formulas[0].formula,
    }),
  };
}

const words = (text: string, by: RegExp) =>
  text
    .split(by)
    .map((word) => word.trim())
    .filter(Boolean);

export function sloOf(form: SloForm): Slo {
  const { query: _query, monitor_ids: _ids, groups: _groups, sli_specification: _slice, ...rest } = form.kept;
  const thresholds = form.targets.map(({ timeframe, target, warning }) => ({
    ...keptTarget(form.kept, timeframe, Number(target), warning.trim() === "" ? null : Number(warning)),
    timeframe,
    target: Number(target),
    ...(warning.trim() === "" ? {} : { warning: Number(warning) }),
  }));
  const first = thresholds.find(({ timeframe }) => timeframe === form.kept.timeframe) ?? thresholds[0];
  return {
    ...rest,
    type: form.type,
    name: form.name.trim(),
    description: form.description.trim() || null,
    tags: words(form.tags, /,/),
    thresholds,
    // The primary window of Datadog's clients: the first, unless another was.
    ...(first ? { timeframe: first.timeframe, target_threshold: first.target } : {}),
    ...(first?.warning === undefined ? { warning_threshold: undefined } : { warning_threshold: first.warning }),
    ...counted(form),
  };
}

/** What else is written of a window's target. A figure as text belongs to the number that it shows. */
function keptTarget({ thresholds = [] }: Partial<Slo>, timeframe: Timeframe, target: number, warning: number | null) {
  const before = thresholds.find((each) => each.timeframe === timeframe);
  if (!before) return {};
  const stale = [
    ...(before.target === target ? [] : ["target_display"]),
    ...((before.warning ?? null) === warning ? [] : ["warning_display"]),
  ];
  return Object.fromEntries(Object.entries(before).filter(([name]) => name !== "warning" && !stale.includes(name)));
}

function counted(form: SloForm): Partial<Slo> {
  if (form.type === "metric")
    return { query: { numerator: form.numerator.trim(), denominator: form.denominator.trim() } };
  if (form.type === "monitor") {
    const groups = words(form.groups, /\n/);
    return { monitor_ids: form.monitorIds, ...(groups.length > 0 ? { groups } : {}) };
  }
  const { comparator, interval, threshold, queries, formula, foreign } = form;
  const query = foreign?.query ?? {
    formulas: [{ formula }],
    queries: queries.map((each) => ({ ...keptQuery(form.kept, each.name), data_source: "metrics", ...each })),
  };
  return {
    sli_specification: {
      ...form.kept.sli_specification,
      time_slice: { comparator, query_interval_seconds: interval, threshold: Number(threshold), query },
    },
  };
}

const keptQuery = ({ sli_specification: kept }: Partial<Slo>, name: string): object =>
  kept?.time_slice?.query.queries.find((each) => each.name === name) ?? {};

/** What keeps the form from being saved, in words. */
export function sloProblem(form: SloForm): string | null {
  if (form.name.trim() === "") return "Give it a name.";
  for (const { target, warning } of form.targets) {
    const level = Number(target);
    if (target.trim() === "" || !(level > 0 && level < 100)) return "A target is a percentage between 0 and 100.";
    if (warning.trim() !== "" && !(Number(warning) > level && Number(warning) < 100))
      return "A warning lies between the target and 100.";
  }
  if (form.type === "metric" && (form.numerator.trim() === "" || form.denominator.trim() === ""))
    return "Name what is good, and what all is.";
  if (form.type === "monitor" && form.monitorIds.length === 0) return "Choose a monitor.";
  if (form.type === "time_slice") {
    if (!form.foreign && form.queries.some(({ query }) => query.trim() === "")) return "Name what is measured.";
    if (form.threshold.trim() === "" || Number.isNaN(Number(form.threshold))) return "Name the threshold.";
  }
  return null;
}

/** The next window that has no target yet. */
export const freeTimeframe = (targets: TargetForm[]): Timeframe | null =>
  TIMEFRAMES.find((each) => !targets.some(({ timeframe }) => timeframe === each)) ?? null;
