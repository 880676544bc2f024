/** Which step of the bench belongs to which processor: those that are off make none, nested ones make several. */
import type { Processor, Step } from "../api/pipelines";

/** How many steps a processor has made, from `at` on. */
function length(processor: Processor, steps: Step[], at: number): number {
  if (!processor.is_enabled) return 0;
  if (processor.type !== "pipeline") return 1;
  // The first is the filter's; a row that it does not take goes through nothing below it.
  if (!steps[at]?.applied) return 1;
  let used = 1;
  for (const inner of processor.processors ?? []) used += length(inner, steps, at + used);
  return used;
}

/** The first step is the filter of the pipeline itself. */
export function aligned(list: Processor[], steps: Step[]): (Step | undefined)[] {
  let at = 1;
  return list.map((processor) => {
    const used = steps[0]?.applied ? length(processor, steps, at) : 0;
    const step = used > 0 ? steps[at] : undefined;
    at += used;
    return step;
  });
}
