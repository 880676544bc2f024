import { expect, test } from "vitest";
import { EMPTY_TAIL, tailReducer } from "./useTail";

const row = (id: string, time_ms: number) => ({ id, time_ms, time_ns: `${time_ms}000000` });

test("a paused tail counts what waits, and shows it when it goes on", () => {
  let state = tailReducer(EMPTY_TAIL, { kind: "rows", rows: [row("a", 1), row("b", 2)], ms: 10 });
  expect(state.rows.map(({ id }) => id)).toEqual(["b", "a"]);
  state = tailReducer(state, { kind: "pause" });
  state = tailReducer(state, { kind: "rows", rows: [row("c", 3)], ms: 20 });
  expect([state.rows.length, state.waiting]).toEqual([2, 1]);
  state = tailReducer(state, { kind: "resume" });
  expect([state.rows.map(({ id }) => id), state.waiting]).toEqual([["c", "b", "a"], 0]);
});

test("the rate is that of the last seconds, and old rows leave", () => {
  const many = Array.from({ length: 1500 }, (_, n) => row(`r${n}`, n));
  let state = tailReducer(EMPTY_TAIL, { kind: "rows", rows: many, ms: 0 });
  state = tailReducer(state, { kind: "rows", rows: many.map((each) => row(`${each.id}x`, each.time_ms)), ms: 1_000 });
  expect([state.rows.length, state.perSecond]).toEqual([2000, 600]);
  expect(tailReducer(state, { kind: "rows", rows: [], ms: 9_000 }).perSecond).toBe(0);
});
