import { useMemo } from "react";
import { usePageRange } from "../../time/page";
import { parseSpan, type Span } from "../../time/range";
import type { Definition } from "../model";

/** A widget's own `live_span` wins over the page's range while the page is live. */
export function useWidgetSpan({ time }: Definition): Span | undefined {
  const { range, nowMs } = usePageRange();
  const own = time?.live_span;
  return useMemo(() => {
    const spanMs = own && range.kind === "live" ? parseSpan(own) : null;
    return spanMs === null ? undefined : { fromMs: nowMs - spanMs, toMs: nowMs };
  }, [own, range.kind, nowMs]);
}
