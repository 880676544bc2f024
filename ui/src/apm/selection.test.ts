import { describe, expect, test } from "vitest";
import { changesOf, compareLink, isDeployment, sidesOf, versionEvents } from "./deploy";
import { bucketsBetween, durationTerm, placeOf, timeAtPlace, trimmed } from "./distribution";
import { changeOf } from "./figures";
import { keepingRange, spanLink, tracesLink } from "./links";
import { cellsBetween, cellsOf, countIn, readSelection, selectionOf, selectionTerm, writeSelection } from "./selection";
import { within } from "./SpanKinds";

const HEAT = {
  times: [1000, 2000, 3000, 4000],
  step_ms: 1000,
  bounds_ns: [1e6, 2e6, 4e6, 8e6],
  counts: [
    [1, 0, 2],
    [0, 5, 0],
    [0, 0, 0],
    [9, 0, 1],
  ],
  errors: [
    [0, 0, 2],
    [0, 1, 0],
    [0, 0, 0],
    [0, 0, 0],
  ],
};

describe("selection on the heat map", () => {
  const box = { left: 50, top: 10, width: 400, height: 90 };

  test("a drag takes the cells under it from any corner; rows count from below", () => {
    const cells = { fromColumn: 1, toColumn: 2, fromRow: 1, toRow: 2 };
    expect(cellsBetween({ x: 160, y: 12 }, { x: 340, y: 65 }, box, 4, 3)).toEqual(cells);
    expect(cellsBetween({ x: 340, y: 65 }, { x: 160, y: 12 }, box, 4, 3)).toEqual(cells);
    expect(cellsBetween({ x: -9, y: 999 }, { x: 9999, y: -9 }, box, 4, 3)).toEqual({
      fromColumn: 0,
      toColumn: 3,
      fromRow: 0,
      toRow: 2,
    });
  });

  test("becomes times and durations, open at the ends, and comes back from the URL", () => {
    const top = selectionOf(HEAT, { fromColumn: 1, toColumn: 2, fromRow: 1, toRow: 2 });
    expect(top).toEqual({ from_ms: 2000, to_ms: 4000, duration_min_ns: 2e6 });
    expect(selectionTerm(top)).toBe("@duration:[2000000 TO *]");
    const low = selectionOf(HEAT, { fromColumn: 0, toColumn: 0, fromRow: 0, toRow: 1 });
    expect(readSelection(writeSelection(low))).toEqual(low);
    expect(cellsOf(HEAT, low)).toEqual({ fromColumn: 0, toColumn: 0, fromRow: 0, toRow: 1 });
    expect(readSelection("")).toBeNull();
    expect(readSelection("9~3")).toBeNull();
  });

  test("counts what lies in it", () => {
    expect(countIn(HEAT, { fromColumn: 0, toColumn: 1, fromRow: 1, toRow: 2 })).toEqual({ count: 7, errors: 3 });
  });

  test("a selection that the range has left is none", () => {
    expect(cellsOf(HEAT, { from_ms: 9000, to_ms: 9500 })).toBeNull();
  });
});

describe("distribution", () => {
  const all = { bounds_ns: [1, 2, 4, 8, 16], counts: [0, 10, 10, 0], errors: [0, 0, 1, 0] };

  test("is trimmed, and percentiles lie within their bucket", () => {
    const some = trimmed(all);
    expect(some).toEqual({ bounds_ns: [2, 4, 8], counts: [10, 10], errors: [0, 1] });
    expect(placeOf(some.counts, 0.5)).toBe(1);
    expect(placeOf(some.counts, 0.75)).toBe(1.5);
    expect(timeAtPlace(some.bounds_ns, 1.5)).toBeCloseTo(5.657, 3);
    expect(trimmed({ bounds_ns: [1, 2], counts: [0], errors: [0] }).counts).toEqual([]);
  });

  test("a drag takes whole buckets", () => {
    expect(bucketsBetween(3.2, 0.4, 5)).toEqual([0, 3]);
    expect(bucketsBetween(9, 4.9, 5)).toEqual([4, 4]);
    expect(durationTerm(1.5, Infinity)).toBe("@duration:[1 TO *]");
  });
});

describe("deployments", () => {
  const AT = 1_700_000_000_000;
  const event = { id: 1, title: "Deployed shop 2.14.0", date_happened: AT / 1000, tags: ["service:shop", "env:prod"] };

  test("both sides are as long as time has passed, within bounds", () => {
    expect(sidesOf(AT, AT + 1_000).before).toEqual({ fromMs: AT - 300_000, toMs: AT });
    expect(sidesOf(AT, AT + 1_200_000).after).toEqual({ fromMs: AT, toMs: AT + 1_200_000 });
    expect(sidesOf(AT, AT + 1e9).before.fromMs).toBe(AT - 3_600_000);
  });

  test("a marker leads to its service, or to all", () => {
    expect(compareLink(event, AT + 600_000)).toBe(
      `/apm/services/shop?deploy=${AT}&env=prod&from_ms=${AT - 600_000}&to_ms=${AT + 600_000}`,
    );
    expect(compareLink({ ...event, tags: [] }, AT)).toContain("/apm/services?deploy=");
  });

  test("are known by a version or by their words", () => {
    expect(isDeployment(event)).toBe(true);
    expect(isDeployment({ ...event, title: "x", tags: ["version:2"] })).toBe(true);
    expect(isDeployment({ ...event, title: "Postgres restarted", tags: [] })).toBe(false);
  });

  test("versions nobody announced are marked when they were first seen", () => {
    const version = {
      version: "2",
      first_seen_ms: 50,
      last_seen_ms: 60,
      hits: 1,
      errors: 0,
      error_rate: 0,
      p50_ms: 1,
      p95_ms: 1,
    };
    expect(versionEvents([version], "shop", 0, 100, []).map(({ title }) => title)).toEqual(["shop 2 first seen"]);
    expect(versionEvents([version], "shop", 60, 100, [])).toEqual([]);
    expect(versionEvents([version], "shop", 0, 100, [{ ...event, tags: ["version:2"] }])).toEqual([]);
  });

  test("resources that got worse come first, those that went away last", () => {
    const row = (resource: string, p95_ms: number, hits = 10) => ({
      resource,
      hits,
      errors: 0,
      error_rate: 0,
      avg_ms: 1,
      p50_ms: 1,
      p95_ms,
      p99_ms: 1,
      total_ms: 1,
    });
    const changes = changesOf(
      [row("same", 5), row("slower", 5), row("gone", 5)],
      [row("same", 5), row("slower", 50), row("new", 9)],
    );
    expect(changes.map(({ resource }) => resource)).toEqual(["slower", "same", "new", "gone"]);
    expect(changes[2].before).toBeNull();
    expect(changes[3].after).toBeNull();
  });

  test("a change is told with its direction", () => {
    expect(changeOf(10, 26, "worse")).toEqual({ text: "+160 %", tone: "bad" });
    expect(changeOf(10, 5, "worse")).toEqual({ text: "−50 %", tone: "ok" });
    expect(changeOf(0.9, 0.5, "better").tone).toBe("bad");
    expect(changeOf(100, 101, "worse").tone).toBe("");
    expect(changeOf(0, 3, "worse").text).toBe("new");
    expect(changeOf(null, 3, "worse").text).toBe("–");
  });
});

describe("links", () => {
  test("carry their moment, or keep the page's range", () => {
    expect(tracesLink('service:a b:"c d"', { fromMs: 1.5, toMs: 2.5 }, "-duration")).toBe(
      "/apm/traces?query=service%3Aa+b%3A%22c+d%22&sort=-duration&from_ms=1&to_ms=3",
    );
    expect(keepingRange("/apm/services?env=x", "?range=4h&query=y")).toBe("/apm/services?env=x&range=4h");
    expect(keepingRange("/a?from_ms=1&to_ms=2", "?range=4h")).toBe("/a?from_ms=1&to_ms=2");
  });

  test("a root leads to its trace, any other span to its place in it", () => {
    const row = { id: "1", time_ns: "1", time_ms: 1, trace_id: "abc", span_id: "def" };
    expect(spanLink(row)).toBe("/apm/trace/abc");
    expect(spanLink({ ...row, parent_id: "0000000000000000" })).toBe("/apm/trace/abc");
    expect(spanLink({ ...row, parent_id: "00000000000000a1" })).toBe("/apm/trace/abc?span=def");
  });

  test("a search is narrowed whatever alternatives it holds", () => {
    expect(within("", "a:1")).toBe("a:1");
    expect(within("*", "a:1")).toBe("a:1");
    expect(within("x OR y", "a:1")).toBe("(x OR y) a:1");
    expect(within("x", "")).toBe("x");
  });
});
