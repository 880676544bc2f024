/** Spans of a trace by what they do: the same statement run four hundred times is one line. */
import type { Trace } from "./model";

export interface Step {
  key: string;
  service: number;
  name: string;
  resource: string;
  spans: number;
  errors: number;
  /** Sum of the durations, in ns: more than the trace where spans ran side by side. */
  total: number;
  own: number;
  longest: number;
  /** The longest one, to look at first. */
  span: number;
  waits: number;
}

export function stepsOf(trace: Trace, waits: Float64Array): Step[] {
  const { words } = trace;
  const steps = new Map<string, Step>();
  for (const span of trace.order) {
    const key = `${trace.service[span]}|${trace.name[span]}|${trace.resource[span]}`;
    let step = steps.get(key);
    if (!step) {
      const name = words.name[trace.name[span]] ?? "";
      const resource = words.resource[trace.resource[span]] ?? "";
      const none = { spans: 0, errors: 0, total: 0, own: 0, longest: -1, waits: 0 };
      steps.set(key, (step = { key, service: trace.service[span], name, resource, span, ...none }));
    }
    step.spans++;
    step.errors += trace.error[span];
    step.total += trace.duration[span];
    step.own += trace.own[span];
    step.waits += waits[span];
    if (trace.duration[span] <= step.longest) continue;
    step.longest = trace.duration[span];
    step.span = span;
  }
  return [...steps.values()];
}
