/** A form's query as Datadog writes it; reading it gives the form again. */
import { quoted } from "./chain";
import type { AnomalyForm, CheckForm, ForecastForm, Form, Named, RowsForm } from "./form";

export function writeQuery(form: Form): string {
  switch (form.kind) {
    case "composite":
      return form.expression.trim();
    case "check":
    case "synthetic":
      return writeCheck(form);
    case "slo":
      return `${writeSlo(form)} ${form.comparator} ${form.threshold}`;
    case "logs":
    case "traces":
    case "events":
    case "process":
      return `${writeRows(form)} ${form.comparator} ${form.threshold}`;
    case "change": {
      const word = form.relative ? "pct_change" : "change";
      const time = `${word}(${form.timeAgg}(${form.window}),${form.shift})`;
      return `${time}:${form.query} ${form.comparator} ${form.threshold}`;
    }
    default:
      return `${form.timeAgg}(${form.window}):${expressionOf(form)} ${form.comparator} ${form.threshold}`;
  }
}

/** The expression that a chart of this kind draws. */
export function expressionOf(form: Extract<Form, { timeAgg: string }>): string {
  switch (form.kind) {
    case "anomaly":
      return `anomalies(${[form.query, `'${form.algorithm}'`, form.bounds, ...anomalyNamed(form)].join(", ")})`;
    case "outlier": {
      const pct = form.pct === null ? [] : [form.pct];
      return `outliers(${[form.query, `'${form.algorithm}'`, form.tolerance, ...pct].join(", ")})`;
    }
    case "forecast":
      return `forecast(${[form.query, `'${form.algorithm}'`, form.deviations, ...forecastNamed(form)].join(", ")})`;
    default:
      return form.query;
  }
}

function anomalyNamed({ algorithm, direction, alertWindow, seasonality, more }: AnomalyForm): string[] {
  const seasons: Named = seasonality && algorithm !== "basic" ? [["seasonality", `'${seasonality}'`]] : [];
  const alert: Named = alertWindow ? [["alert_window", `'${alertWindow}'`]] : [];
  return pairs([["direction", `'${direction}'`], ...alert, ...more, ...seasons]);
}

function forecastNamed({ algorithm, model, seasonality, more }: ForecastForm): string[] {
  const models: Named = model && algorithm === "linear" ? [["model", `'${model}'`]] : [];
  const seasons: Named = seasonality && algorithm === "seasonal" ? [["seasonality", `'${seasonality}'`]] : [];
  return pairs([...more, ...models, ...seasons]);
}

const pairs = (named: Named) => named.map(([key, value]) => `${key}=${value}`);

const listed = (texts: string[]) => texts.map(quoted).join(",");

function writeRows({ kind, search, indexes, aggregation, field, by, over, window }: RowsForm): string {
  const head = { logs: "logs", traces: "trace-analytics", events: "events", process: "processes" }[kind];
  const parts = [`${head}(${quoted(search)})`];
  if (kind === "logs") parts.push(`index(${listed(indexes.length > 0 ? indexes : ["*"])})`);
  if (kind === "process" && over.length > 0) parts.push(`over(${listed(over)})`);
  parts.push(`rollup(${listed(field && aggregation !== "count" ? [aggregation, field] : [aggregation])})`);
  if (by.length > 0) parts.push(`by(${quoted(by.join(","))})`);
  parts.push(`last(${quoted(window)})`);
  return parts.join(".");
}

function writeCheck({ check, over, exclude, by, last }: CheckForm): string {
  const parts = [quoted(check), `over(${listed(over.length > 0 ? over : ["*"])})`];
  if (exclude.length > 0) parts.push(`exclude(${listed(exclude)})`);
  if (by.length > 0) parts.push(`by(${listed(by)})`);
  parts.push(`last(${last})`, "count_by_status()");
  return parts.join(".");
}

function writeSlo({ measure, id, over, long, short }: Extract<Form, { kind: "slo" }>): string {
  const head = `${measure}(${quoted(id)}).over(${quoted(over)})`;
  if (measure === "error_budget") return head;
  return `${head}.long_window(${quoted(long)}).short_window(${quoted(short)})`;
}
