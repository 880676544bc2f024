/** Changes to a monitor's document by the editor: what belongs together stays together. */
import type { FieldProblem } from "../api/monitorDraft";
import type { Monitor, MonitorOptions, Thresholds } from "../api/monitorModel";
import { isJudged, TYPE_OF, turnedTo, type Form, type Kind } from "./form";
import type { ThresholdName } from "./thresholds";
import { writeQuery } from "./writeQuery";

/** The document with the form's query in it; the alert threshold stands in the query and in the options. */
export function withForm(monitor: Monitor, form: Form): Monitor {
  const next = { ...monitor, query: writeQuery(form), options: { ...monitor.options } };
  if (isJudged(form)) next.options.thresholds = { ...next.options.thresholds, critical: form.threshold };
  if (form.kind === "anomaly" && form.alertWindow)
    next.options.threshold_windows = {
      recovery_window: form.alertWindow,
      ...next.options.threshold_windows,
      trigger_window: form.alertWindow,
    };
  return next;
}

/** Another kind: its type, its query, and the thresholds that it begins with. */
export function turned(monitor: Monitor, from: Form | null, kind: Kind): { monitor: Monitor; form: Form } {
  const form = turnedTo(kind, from);
  const { threshold_windows: _windows, ...options } = monitor.options;
  const same = from !== null && isJudged(from) && isJudged(form) && from.threshold === form.threshold;
  const thresholds: Thresholds = same ? (options.thresholds ?? {}) : firstThresholds(form);
  return { form, monitor: withForm({ ...monitor, type: TYPE_OF[kind], options: { ...options, thresholds } }, form) };
}

function firstThresholds(form: Form): Thresholds {
  if (form.kind === "check" || form.kind === "synthetic") return { critical: 1, warning: 1, ok: 1 };
  if (form.kind === "anomaly") return { critical: form.threshold, critical_recovery: 0 };
  return isJudged(form) ? { critical: form.threshold } : {};
}

/** A threshold that is taken away leaves the document. */
export function withThreshold(monitor: Monitor, name: ThresholdName | "ok" | "unknown", value: number | null): Monitor {
  const thresholds = { ...monitor.options.thresholds };
  if (value === null) delete thresholds[name];
  else thresholds[name] = value;
  return { ...monitor, options: { ...monitor.options, thresholds } };
}

export function withOptions(monitor: Monitor, part: Partial<MonitorOptions>): Monitor {
  const options: MonitorOptions = { ...monitor.options };
  for (const [name, value] of Object.entries(part)) {
    if (value === undefined) delete options[name];
    else options[name] = value;
  }
  return { ...monitor, options };
}

/** Which part of the editor a problem belongs to. */
export type Part = "query" | "condition" | "options" | "message" | "details" | "other";

export function partOf(field: string): Part {
  if (/^(query|type)\b/.test(field)) return "query";
  if (/^(options\.)?(threshold|scheduling_options\.evaluation_window)/.test(field)) return "condition";
  if (/^message|escalation_message/.test(field)) return "message";
  if (field.startsWith("options")) return "options";
  if (/^(name|tags|priority|draft_status)\b/.test(field)) return "details";
  return "other";
}

export function problemsOf(all: FieldProblem[], part: Part): FieldProblem[] {
  return all.filter(({ field }) => partOf(field) === part);
}
