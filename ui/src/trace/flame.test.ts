import { describe, expect, test } from "vitest";
import { flameOf, spanAt } from "./flame";
import { traceOf } from "./model";
import { sample } from "./sample";
import { clamp, nsText, pxOf, showing, tickTexts, ticks, timeAt, zoomed } from "./scale";
import { layOut } from "./sql";

describe("lanes of the flame graph", () => {
  const trace = traceOf(
    sample([
      [-1, 0, 100, "web", "a"],
      [0, 10, 40, "web", "b"],
      [0, 20, 40, "web", "beside b"],
      [0, 60, 20, "web", "after both"],
      [1, 12, 5, "web", "under b"],
    ]),
  );
  const flame = flameOf(trace);

  test("a span lies under its parent, beside what runs at the same time, and no two overlap in a lane", () => {
    expect(flame.lane[0]).toBe(0);
    expect(flame.lane[1]).toBe(1);
    expect(flame.lane[2]).toBeGreaterThan(1);
    expect(flame.lane[3]).toBe(1);
    expect(flame.lane[4]).toBeGreaterThan(flame.lane[1]);
    for (let lane = 0; lane < flame.lanes; lane++) {
      let end = 0;
      for (const span of flame.spans.slice(flame.from[lane], flame.from[lane + 1])) {
        expect(trace.start[span]).toBeGreaterThanOrEqual(end);
        end = trace.start[span] + trace.duration[span];
      }
    }
  });

  test("a point finds its span", () => {
    expect(spanAt(trace, flame, 1, 30e6, 0)).toBe(1);
    expect(spanAt(trace, flame, 1, 70e6, 0)).toBe(3);
    expect(spanAt(trace, flame, 1, 90e6, 0)).toBe(-1);
    expect(spanAt(trace, flame, 1, 80.5e6, 1e6)).toBe(3);
    expect(spanAt(trace, flame, 99, 0, 0)).toBe(-1);
  });

  test("50,000 spans at once are laid out in bounded time", () => {
    const many = traceOf(
      sample([
        [-1, 0, 1000, "web", "root"],
        ...Array.from({ length: 20_000 }, (): [number, number, number, string, string] => [0, 1, 900, "web", "x"]),
      ]),
    );
    const began = performance.now();
    expect(flameOf(many).lanes).toBeLessThan(400);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe("the scale", () => {
  const scale = { from: 100, to: 300, left: 50, width: 400 };

  test("pixels and times are each other's inverse", () => {
    expect(pxOf(scale, 200)).toBe(250);
    expect(timeAt(scale, 250)).toBe(200);
  });

  test("a zoom keeps the time under the pointer, and stays within the trace", () => {
    const next = zoomed({ from: 0, to: 1000 }, 250, 0.5, 1000);
    expect(next).toEqual({ from: 125, to: 625 });
    expect(zoomed(next, 0, 100, 1000)).toEqual({ from: 0, to: 1000 });
    expect(clamp({ from: 900, to: 1300 }, 1000)).toEqual({ from: 600, to: 1000 });
  });

  test("a span that is chosen comes into the window, which keeps its width", () => {
    const window = { from: 100, to: 200 };
    expect(showing(window, 150, 900, 1000)).toBe(window);
    expect(showing(window, 500, 10, 1000)).toEqual({ from: 455, to: 555 });
    expect(showing(window, 300, 400, 1000)).toEqual({ from: 290, to: 390 });
    expect(showing(window, 995, 5, 1000)).toEqual({ from: 900, to: 1000 });
  });

  test("ticks are round and share a unit", () => {
    expect(ticks({ from: 0, to: 500e6 }, 5)).toEqual([0, 100e6, 200e6, 300e6, 400e6, 500e6]);
    expect(tickTexts([0, 100e6, 200e6])).toEqual(["0", "100 ms", "200 ms"]);
    expect(tickTexts([1e9, 1.5e9])).toEqual(["1.0 s", "1.5 s"]);
  });

  test.each([
    [0, "0"],
    [812, "812 ns"],
    [1_500, "1.50 µs"],
    [86_400_000, "86.4 ms"],
    [1_234_000_000, "1.23 s"],
    [185e9, "3 min 5 s"],
  ])("%d ns is %s", (ns, text) => expect(nsText(ns)).toBe(text));
});

describe("SQL in lines", () => {
  const flat = (sql: string) =>
    layOut(sql).map(({ indent, pieces }) => "  ".repeat(indent) + pieces.map(({ text }) => text).join(""));
  const LONG =
    "SELECT o.id, count(*) FROM orders o LEFT JOIN users u ON u.id = o.user_id WHERE o.state IN ('open; from', 'b') AND o.total > 3 ORDER BY o.id";

  test("breaks before clauses, keeps joins and strings whole", () => {
    expect(flat(LONG)).toEqual([
      "SELECT o.id, count(*)",
      "FROM orders o",
      "LEFT JOIN users u",
      "    ON u.id = o.user_id",
      "WHERE o.state IN ('open; from', 'b')",
      "  AND o.total > 3",
      "ORDER BY o.id",
    ]);
  });

  test("changes nothing but blanks", () => {
    const text = flat(LONG).join("\n").replace(/\s+/g, " ").trim();
    expect(text).toBe(LONG);
    expect(flat("SELECT 1 FROM t")).toEqual(["SELECT 1 FROM t"]);
  });
});
