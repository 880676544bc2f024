import { createContext, use, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { useSearchParams } from "react-router";
import { useQueryClient } from "@tanstack/react-query";
import { readRange, refreshMs, resolve, sameRange, writeRange, type Span, type TimeRange } from "./range";

export interface PageRange {
  range: TimeRange;
  span: Span;
  nowMs: number;
  /** A new entry in the browser's history, so that back returns to the same view. */
  setRange: (range: TimeRange) => void;
  zoom: (fromMs: number, toMs: number) => void;
  zoomBack: () => void;
  /** Back to the span that was live before the page was held or zoomed. */
  goLive: () => void;
  refresh: () => void;
}

const LIVE_MS = 3_600_000;

const Context = createContext<PageRange | null>(null);

export function RangeProvider({ children }: { children: ReactNode }) {
  const [params, setParams] = useSearchParams();
  const client = useQueryClient();
  const text = `${params.get("range")}|${params.get("from_ms")}|${params.get("to_ms")}`;
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the text names all that is read of the parameters
  const range = useMemo(() => readRange(params), [text]);
  const [nowMs, setNowMs] = useState(() => Date.now());
  const before = useRef<TimeRange[]>([]);
  const lastLive = useRef(LIVE_MS);
  const live = range.kind === "live";
  const everyMs = live ? refreshMs(range.spanMs) : 0;

  useEffect(() => {
    if (!live) return;
    const tick = () => {
      if (!document.hidden) setNowMs(Date.now());
    };
    const timer = setInterval(tick, everyMs);
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, [live, everyMs]);

  const setRange = useCallback(
    (next: TimeRange) => {
      // Answers to the range that is left are of no use: their requests end here.
      void client.cancelQueries({ queryKey: ["query"] });
      setNowMs(Date.now());
      setParams((current) =>
        sameRange(readRange(current), next) && current.has("range") ? current : writeRange(current, next),
      );
    },
    [client, setParams],
  );
  const zoom = useCallback(
    (fromMs: number, toMs: number) => {
      before.current.push(range);
      setRange({ kind: "fixed", fromMs, toMs });
    },
    [range, setRange],
  );
  const zoomBack = useCallback(() => {
    const last = before.current.pop();
    if (last) setRange(last);
  }, [setRange]);
  useEffect(() => {
    if (range.kind === "live") lastLive.current = range.spanMs;
  }, [range]);
  const goLive = useCallback(() => setRange({ kind: "live", spanMs: lastLive.current }), [setRange]);
  const refresh = useCallback(() => {
    // A live page asks for a new range by itself; one that is held asks again for the same.
    setNowMs(Date.now());
    if (!live) void client.invalidateQueries({ queryKey: ["query"] });
  }, [client, live]);

  const value = useMemo(
    () => ({ range, span: resolve(range, nowMs), nowMs, setRange, zoom, zoomBack, goLive, refresh }),
    [range, nowMs, setRange, zoom, zoomBack, goLive, refresh],
  );
  return <Context value={value}>{children}</Context>;
}

export function usePageRange(): PageRange {
  const value = use(Context);
  if (!value) throw new Error("usePageRange needs a RangeProvider above it");
  return value;
}
