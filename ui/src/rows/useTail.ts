/** Rows as they come in, over server-sent events; the newest first, and no more of them than anybody reads. */
import { useEffect, useReducer } from "react";
import type { Row, Signal } from "../api/rows";
import { tailPath } from "../api/rowsLive";

/** A reader at a full screen sees 40; this is 50 screens to scroll back. */
const ROWS_MAX = 2_000;
const RATE_WINDOW_MS = 5_000;

export interface Tail {
  rows: Row[];
  /** Rows that came while the tail was paused. */
  waiting: number;
  dropped: number;
  perSecond: number;
  state: "connecting" | "open" | "lost";
}

interface State extends Tail {
  paused: boolean;
  held: Row[];
  arrivals: { ms: number; count: number }[];
}

type Action =
  | { kind: "rows"; rows: Row[]; ms: number }
  | { kind: "dropped"; count: number }
  | { kind: "state"; state: Tail["state"] }
  | { kind: "pause" }
  | { kind: "resume" }
  | { kind: "clear" };

export const EMPTY_TAIL: State = {
  rows: [],
  held: [],
  paused: false,
  arrivals: [],
  waiting: 0,
  dropped: 0,
  perSecond: 0,
  state: "connecting",
};

export function tailReducer(state: State, action: Action): State {
  switch (action.kind) {
    case "rows":
      return arrived(state, action);
    case "dropped":
      return { ...state, dropped: state.dropped + action.count };
    case "state":
      return { ...state, state: action.state };
    case "pause":
      return { ...state, paused: true };
    case "resume":
      return { ...state, paused: false, rows: [...state.held, ...state.rows].slice(0, ROWS_MAX), held: [], waiting: 0 };
    case "clear":
      return { ...EMPTY_TAIL, paused: state.paused, state: state.state };
  }
}

function arrived(state: State, { rows, ms }: Extract<Action, { kind: "rows" }>): State {
  const arrivals = [...state.arrivals.filter((each) => ms - each.ms < RATE_WINDOW_MS), { ms, count: rows.length }];
  const perSecond = arrivals.reduce((sum, { count }) => sum + count, 0) / (RATE_WINDOW_MS / 1000);
  const newest = [...rows].sort((a, b) => b.time_ms - a.time_ms);
  if (!state.paused) return { ...state, arrivals, perSecond, rows: [...newest, ...state.rows].slice(0, ROWS_MAX) };
  return {
    ...state,
    arrivals,
    perSecond,
    held: [...newest, ...state.held].slice(0, ROWS_MAX),
    waiting: state.waiting + rows.length,
  };
}

export function useTail(signal: Signal, query: string, paused: boolean): Tail & { clear: () => void } {
  const [state, dispatch] = useReducer(tailReducer, EMPTY_TAIL);
  useEffect(() => dispatch({ kind: paused ? "pause" : "resume" }), [paused]);
  useEffect(() => {
    dispatch({ kind: "clear" });
    dispatch({ kind: "state", state: "connecting" });
    const source = new EventSource(tailPath(signal, query));
    const onRows = (event: MessageEvent<string>) =>
      dispatch({
        kind: "rows",
        rows: JSON.parse(event.data) as Row[],
        ms: Date.now(),
      });
    const onDropped = (event: MessageEvent<string>) => dispatch({ kind: "dropped", count: Number(event.data) || 0 });
    source.addEventListener("rows", onRows);
    source.addEventListener("dropped", onDropped);
    source.onopen = () => dispatch({ kind: "state", state: "open" });
    source.onerror = () => dispatch({ kind: "state", state: "lost" });
    return () => source.close();
  }, [signal, query]);
  return { ...state, clear: () => dispatch({ kind: "clear" }) };
}
