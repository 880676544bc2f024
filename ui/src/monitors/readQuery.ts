/** Datadog's query text of each type, read into a form. What a form can't hold reads as null. */
import { argsOf, callOf, closing, readChain, splitTop, type Arg, type Chain } from "./chain";
import { COMPARATORS, type CheckForm, type Comparator, type Form, type Named, type RowsForm } from "./form";

const TAIL = /^([^]*?)\s*(>=|<=|==|!=|>|<)\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*$/i;

interface Judged {
  body: string;
  comparator: Comparator;
  threshold: number;
}

/** `body > 5`: null without a comparison that a form offers. */
export function readTail(query: string): Judged | null {
  const match = TAIL.exec(query.trim());
  const comparator = COMPARATORS.find((each) => each === match?.[2]);
  return match && comparator ? { body: match[1], comparator, threshold: Number(match[3]) } : null;
}

export function readQuery(type: string, query: string): Form | null {
  switch (type) {
    case "metric alert":
    case "query alert":
      return readMetric(query);
    case "log alert":
      return readRows("logs", "logs", query);
    case "trace-analytics alert":
      return readRows("traces", "trace-analytics", query);
    case "event-v2 alert":
      return readRows("events", "events", query);
    case "process alert":
      return readRows("process", "processes", query);
    case "service check":
      return readCheck(query);
    case "slo alert":
      return readSlo(query);
    case "composite":
      return { kind: "composite", expression: query };
    default:
      return null;
  }
}

const PLAIN_TIME = /^(\w+)\(\s*((?:last|next|current)_\w+)\s*\)$/;
const CHANGE_TIME = /^(change|pct_change)\(\s*(\w+)\(\s*(last_\w+)\s*\)\s*,\s*(last_\w+)\s*\)$/;

function readMetric(query: string): Form | null {
  const tail = readTail(query);
  const end = tail ? closing(tail.body, tail.body.indexOf("(")) : -1;
  if (!tail || end < 0 || tail.body[end + 1] !== ":") return null;
  const time = tail.body.slice(0, end + 1).trim();
  const expression = tail.body.slice(end + 2).trim();
  const { comparator, threshold } = tail;
  const change = CHANGE_TIME.exec(time);
  if (change) {
    const [, word, timeAgg, window, shift] = change;
    const relative = word === "pct_change";
    return { kind: "change", relative, timeAgg, window, shift, query: expression, comparator, threshold };
  }
  const plain = PLAIN_TIME.exec(time);
  if (!plain) return null;
  const over = { timeAgg: plain[1], window: plain[2], comparator, threshold };
  const wrapped = /^(anomalies|outliers|forecast)\s*\(/.exec(expression);
  if (!wrapped) return { kind: "threshold", ...over, query: expression };
  const open = wrapped[0].length - 1;
  if (closing(expression, open) !== expression.length - 1) return { kind: "threshold", ...over, query: expression };
  return readWrapped(wrapped[1], argsOf(expression.slice(open + 1, -1)), over);
}

type Over = { timeAgg: string; window: string; comparator: Comparator; threshold: number };

const NAMED = /^(\w+)\s*=\s*(.+)$/s;

function readWrapped(name: string, all: Arg[], over: Over): Form | null {
  const plain = all.filter(({ text, quoted: is }) => is || !NAMED.test(text) || text === all[0].text);
  const named = all.slice(1).flatMap(({ text, quoted: is }): Named => {
    const match = is ? null : NAMED.exec(text);
    return match ? [[match[1], match[2]]] : [];
  });
  const [query, algorithm, number, last] = plain.map(({ text }) => text);
  const figure = Number(number);
  if (!query || !algorithm || !Number.isFinite(figure)) return null;
  if (name === "outliers") {
    if (named.length > 0) return null;
    const pct = last === undefined ? null : Number(last);
    return { kind: "outlier", ...over, query, algorithm, tolerance: figure, pct };
  }
  const take = (key: string) => bare(named.find(([each]) => each === key)?.[1] ?? "");
  const rest = (...keys: string[]) => named.filter(([key]) => !keys.includes(key));
  if (name === "anomalies") {
    const more = rest("direction", "alert_window", "seasonality");
    const words = { direction: take("direction") || "both", alertWindow: take("alert_window") };
    return {
      kind: "anomaly",
      ...over,
      query,
      algorithm,
      bounds: figure,
      ...words,
      seasonality: take("seasonality"),
      more,
    };
  }
  const more = rest("model", "seasonality");
  const words = { model: take("model"), seasonality: take("seasonality") };
  return { kind: "forecast", ...over, query, algorithm, deviations: figure, ...words, more };
}

const bare = (text: string) => text.replace(/^(['"])(.*)\1$/s, "$2");

function readRows(kind: RowsForm["kind"], head: string, query: string): RowsForm | null {
  const tail = readTail(query);
  const chain = tail && readChain(tail.body);
  if (!tail || !chain || chain.head.name !== head || !onlyHas(chain, ROW_CALLS)) return null;
  const [aggregation = "count", field = ""] = callOf(chain, "rollup") ?? [];
  const [window = "5m"] = callOf(chain, "last") ?? [];
  return {
    kind,
    search: chain.head.args[0]?.text ?? "",
    indexes: callOf(chain, "index") ?? (kind === "logs" ? ["*"] : []),
    aggregation,
    field,
    by: listOf(callOf(chain, "by")),
    over: listOf(callOf(chain, "over")),
    window,
    comparator: tail.comparator,
    threshold: tail.threshold,
  };
}

const ROW_CALLS = new Set(["index", "rollup", "by", "last", "over"]);

const onlyHas = (chain: Chain, names: Set<string>) => chain.calls.every(({ name }) => names.has(name));

/** `by("a,b")` and `by("a","b")` are the same. */
const listOf = (args: string[] | null) => (args ?? []).flatMap((arg) => splitTop(arg, ",")).filter(Boolean);

const CHECK_CALLS = new Set(["over", "exclude", "by", "last", "count_by_status"]);

function readCheck(query: string): CheckForm | null {
  const chain = readChain(query);
  if (!chain || chain.head.name !== "" || !onlyHas(chain, CHECK_CALLS)) return null;
  if (!callOf(chain, "count_by_status")) return null;
  const check = chain.head.args[0]?.text ?? "";
  const last = Number(callOf(chain, "last")?.[0] ?? 2);
  return {
    kind: check === "synthetics.test" ? "synthetic" : "check",
    check,
    over: callOf(chain, "over") ?? ["*"],
    exclude: callOf(chain, "exclude") ?? [],
    by: callOf(chain, "by") ?? [],
    last: Number.isFinite(last) ? last : 2,
  };
}

const SLO_CALLS = new Set(["over", "long_window", "short_window"]);

function readSlo(query: string): Form | null {
  const tail = readTail(query);
  const chain = tail && readChain(tail.body);
  const measure = chain?.head.name;
  if (!tail || !chain || (measure !== "burn_rate" && measure !== "error_budget") || !onlyHas(chain, SLO_CALLS))
    return null;
  const one = (name: string) => callOf(chain, name)?.[0] ?? "";
  return {
    kind: "slo",
    measure,
    id: chain.head.args[0]?.text ?? "",
    over: one("over"),
    long: one("long_window"),
    short: one("short_window"),
    comparator: tail.comparator,
    threshold: tail.threshold,
  };
}
