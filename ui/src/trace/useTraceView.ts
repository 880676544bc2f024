/** The state of the trace page: what of it a colleague should see is in the URL, the rest is the reader's own. */
import { useCallback, useDeferredValue, useEffect, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import type { TraceColumns } from "../api/traces";
import { useTheme } from "../app/theme";
import { criticalOf } from "./critical";
import { findIn } from "./find";
import { flameOf, type Flame } from "./flame";
import { ancestors, telling, traceOf, type Trace } from "./model";
import { rowsOf, withAncestors } from "./rows";
import { showing, type Window } from "./scale";
import { sharesOf, traceInk, type Scene } from "./scene";

export const VIEWS = ["waterfall", "flame", "steps"] as const;

/** How long the reader rests on a span before the URL and its details follow. */
const REST_MS = 120;

export function useTraceView(answer: TraceColumns) {
  const [params, setParams] = useSearchParams();
  const theme = useTheme();
  const trace = useMemo(() => traceOf(answer), [answer]);
  const path = useMemo(() => criticalOf(trace, answer.critical_path), [trace, answer]);
  const flame = useFlame(trace);
  const shares = useMemo(() => sharesOf(trace), [trace]);
  const ink = useMemo(() => traceInk(shares, trace.words.service.length, theme), [shares, trace, theme]);
  const first = useMemo(() => {
    const named = trace.ids.indexOf(params.get("span") ?? "");
    return named >= 0 ? named : telling(trace, path.waits);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the URL names the first span only; then it follows
  }, [trace, path]);
  const [chosen, setChosen] = useState<number | null>(null);
  const selected = chosen ?? (first >= 0 ? first : null);
  const [collapsed, setCollapsed] = useState<ReadonlySet<number>>(() => new Set());
  const [window, setWindow] = useState<Window>(() => readWindow(params.get("w"), trace.length));
  const [kept, setKept] = useState<number | null>(null);
  const [hover, setHover] = useState<number | null>(null);

  const [text, setText] = useState(() => params.get("find") ?? "");
  const sought = useDeferredValue(text);
  const found = useMemo(() => findIn(trace, sought), [trace, sought]);
  const only = params.get("only") === "1";
  const showPath = params.get("path") !== "0";
  const rows = useMemo(
    () => rowsOf(trace, collapsed, found && only ? withAncestors(trace, found.matches) : null),
    [trace, collapsed, found, only],
  );
  const set = useCallback(
    (name: string, value: string | null) =>
      setParams(
        (current) => {
          const next = new URLSearchParams(current);
          if (value === null || value === "") next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: true },
      ),
    [setParams],
  );
  useFollow("find", text || null, set);
  useFollow("span", chosen === null ? null : trace.ids[chosen], set);
  useFollow("w", writeWindow(window, trace.length), set);
  const select = useCallback(
    (span: number) => {
      setChosen(span);
      setWindow((window) => showing(window, trace.start[span], trace.duration[span], trace.length));
      // What lies in a closed branch is opened up to.
      setCollapsed((closed) => {
        const over = ancestors(trace, span).filter((each) => closed.has(each));
        return over.length === 0 ? closed : new Set([...closed].filter((each) => !over.includes(each)));
      });
    },
    [trace],
  );
  const toggle = useCallback((span: number) => {
    setCollapsed((closed) => {
      const next = new Set(closed);
      if (!next.delete(span)) next.add(span);
      return next;
    });
  }, []);
  const focus = hover ?? kept;
  const onFocus = useCallback((service: number | null, keep: boolean) => {
    if (keep) setKept(service);
    setHover(keep ? null : service);
  }, []);
  const scene: Scene = useMemo(
    () => ({ trace, rows, collapsed, window, selected, found, critical: showPath ? path : null, focus, ink }),
    [trace, rows, collapsed, window, selected, found, showPath, path, focus, ink],
  );
  const view = VIEWS.find((each) => each === params.get("view")) ?? "waterfall";
  return {
    scene,
    flame,
    shares,
    path,
    text,
    setText,
    only,
    showPath,
    view,
    set,
    select,
    toggle,
    setWindow,
    setCollapsed,
    onFocus,
    kept,
  };
}

/** The lanes are laid out after the rows are there: the first picture does not wait for them. */
function useFlame(trace: Trace): Flame | null {
  const [made, setMade] = useState<{ trace: Trace; flame: Flame } | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setMade({ trace, flame: flameOf(trace) }));
    return () => clearTimeout(timer);
  }, [trace]);
  return made?.trace === trace ? made.flame : null;
}

/** The URL follows a value once it has rested. */
function useFollow(name: string, value: string | null, set: (name: string, value: string | null) => void): void {
  const [first] = useState(value);
  useEffect(() => {
    if (value === first && value === null) return;
    const timer = setTimeout(() => set(name, value), REST_MS);
    return () => clearTimeout(timer);
  }, [name, value, first, set]);
}

function readWindow(text: string | null, length: number): Window {
  const [from, to] = (text ?? "").split("-").map(Number);
  return to > from && from >= 0 && from < length ? { from, to: Math.min(to, length) } : { from: 0, to: length };
}

function writeWindow({ from, to }: Window, length: number): string | null {
  return from <= 0 && to >= length ? null : `${Math.round(from)}-${Math.round(to)}`;
}

export type TraceView = ReturnType<typeof useTraceView>;
