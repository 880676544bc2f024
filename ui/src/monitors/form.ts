/** A monitor's query as the fields of a form. Each kind of monitor has its own; what no form knows is edited as text. */

export const COMPARATORS = [">", ">=", "<", "<="] as const;
export type Comparator = (typeof COMPARATORS)[number];

export const TIME_AGGREGATIONS = ["avg", "max", "min", "sum"] as const;

/** How a measured number is judged: everything but composites and service checks ends in this. */
interface Judged {
  comparator: Comparator;
  threshold: number;
}

interface OverMetric extends Judged {
  timeAgg: string;
  window: string;
  /** The metric query inside of what the kind adds. */
  query: string;
}

export interface ThresholdForm extends OverMetric {
  kind: "threshold";
}

export interface ChangeForm extends OverMetric {
  kind: "change";
  relative: boolean;
  shift: string;
}

/** Named arguments that a form does not show are kept as they are. */
export type Named = [string, string][];

export interface AnomalyForm extends OverMetric {
  kind: "anomaly";
  algorithm: string;
  bounds: number;
  direction: string;
  alertWindow: string;
  seasonality: string;
  more: Named;
}

export interface OutlierForm extends OverMetric {
  kind: "outlier";
  algorithm: string;
  tolerance: number;
  pct: number | null;
}

export interface ForecastForm extends OverMetric {
  kind: "forecast";
  algorithm: string;
  deviations: number;
  seasonality: string;
  model: string;
  more: Named;
}

export interface RowsForm extends Judged {
  kind: "logs" | "traces" | "events" | "process";
  search: string;
  /** `*`, or names of indexes; only of logs. */
  indexes: string[];
  aggregation: string;
  field: string;
  by: string[];
  window: string;
  /** Of processes: scopes as `service:web`. */
  over: string[];
}

export interface CheckForm {
  kind: "check" | "synthetic";
  check: string;
  over: string[];
  exclude: string[];
  by: string[];
  last: number;
}

export interface SloForm extends Judged {
  kind: "slo";
  measure: "burn_rate" | "error_budget";
  id: string;
  over: string;
  long: string;
  short: string;
}

export interface CompositeForm {
  kind: "composite";
  expression: string;
}

export type Form =
  | ThresholdForm
  | ChangeForm
  | AnomalyForm
  | OutlierForm
  | ForecastForm
  | RowsForm
  | CheckForm
  | SloForm
  | CompositeForm;

export type Kind = Form["kind"];

/** Types whose document a form can be made of, and the form's first values. */
export const STARTS: Record<Kind, Form> = {
  threshold: { kind: "threshold", timeAgg: "avg", window: "last_5m", query: "", comparator: ">", threshold: 0 },
  change: {
    kind: "change",
    timeAgg: "avg",
    window: "last_5m",
    query: "",
    relative: true,
    shift: "last_1h",
    comparator: ">",
    threshold: 50,
  },
  anomaly: {
    kind: "anomaly",
    timeAgg: "avg",
    window: "last_4h",
    query: "",
    algorithm: "agile",
    bounds: 2,
    direction: "both",
    alertWindow: "last_15m",
    seasonality: "daily",
    more: [
      ["interval", "60"],
      ["count_default_zero", "'true'"],
    ],
    comparator: ">=",
    threshold: 1,
  },
  outlier: {
    kind: "outlier",
    timeAgg: "avg",
    window: "last_30m",
    query: "",
    algorithm: "DBSCAN",
    tolerance: 3,
    pct: null,
    comparator: ">",
    threshold: 0,
  },
  forecast: {
    kind: "forecast",
    timeAgg: "max",
    window: "next_1w",
    query: "",
    algorithm: "linear",
    deviations: 1,
    seasonality: "",
    model: "default",
    more: [
      ["interval", "'60m'"],
      ["history", "'1w'"],
    ],
    comparator: ">=",
    threshold: 90,
  },
  logs: rowsStart("logs", 10),
  traces: rowsStart("traces", 10),
  events: rowsStart("events", 0),
  process: rowsStart("process", 1, "<"),
  check: { kind: "check", check: "", over: ["*"], exclude: [], by: ["host"], last: 4 },
  synthetic: { kind: "synthetic", check: "synthetics.test", over: ["*"], exclude: [], by: ["test_id"], last: 3 },
  slo: {
    kind: "slo",
    measure: "burn_rate",
    id: "",
    over: "30d",
    long: "1h",
    short: "5m",
    comparator: ">",
    threshold: 14.4,
  },
  composite: { kind: "composite", expression: "" },
};

function rowsStart(kind: RowsForm["kind"], threshold: number, comparator: Comparator = ">"): RowsForm {
  const plain = { search: "", indexes: ["*"], aggregation: "count", field: "", by: [], over: [] };
  return { kind, ...plain, window: "5m", comparator, threshold };
}

/** The type in the document. `metric alert` and `query alert` are the same road; the shorter name stays with the plain kind. */
export const TYPE_OF: Record<Kind, string> = {
  threshold: "metric alert",
  change: "query alert",
  anomaly: "query alert",
  outlier: "query alert",
  forecast: "query alert",
  logs: "log alert",
  traces: "trace-analytics alert",
  events: "event-v2 alert",
  check: "service check",
  synthetic: "service check",
  process: "process alert",
  slo: "slo alert",
  composite: "composite",
};

export const isMetric = (form: Form): form is Extract<Form, OverMetric> => "timeAgg" in form;
export const isRows = (form: Form): form is RowsForm => "aggregation" in form;
export const isJudged = (form: Form): form is Extract<Form, Judged> => "threshold" in form;

/** Turning to another kind keeps what both have: the query, the search, the comparison. */
export function turnedTo(kind: Kind, from: Form | null): Form {
  const start = STARTS[kind];
  if (!from || from.kind === kind) return from ?? start;
  if (isMetric(start) && isMetric(from)) return { ...start, query: from.query };
  if (isRows(start) && isRows(from)) {
    const { search, aggregation, field, by, window, comparator, threshold } = from;
    return { ...start, search, aggregation, field, by, window, comparator, threshold };
  }
  return start;
}
