import { describe, expect, test } from "vitest";
import { criticalOf, longestWaits } from "./critical";
import { findIn, nextIn } from "./find";
import { ancestors, servicesOf, telling, traceOf, treeOf } from "./model";
import { collapsedFrom, rowNear, rowsOf, withAncestors } from "./rows";
import { sample } from "./sample";

// 0 web 0-100, 1 db 10-30, 2 app 20-90, 3 db 40-60 under app, 4 cache 65-70 under app; children come out of order.
const TRACE = traceOf(
  sample(
    [
      [-1, 0, 100, "web", "request"],
      [0, 10, 20, "db", "select"],
      [0, 20, 70, "app", "handle"],
      [2, 65, 5, "cache", "get", 1],
      [2, 40, 20, "db", "update"],
    ],
    [
      [4, 40, 60],
      [0, 90, 100],
      [2, 20, 40],
      [2, 60, 90],
      [0, 0, 20],
    ],
  ),
);

const list = (numbers: Int32Array) => [...numbers];

describe("the tree", () => {
  test("stands in preorder, children by their start", () => {
    expect(list(TRACE.order)).toEqual([0, 1, 2, 4, 3]);
    expect(list(TRACE.depth)).toEqual([0, 1, 1, 2, 2]);
    expect(list(TRACE.size)).toEqual([5, 1, 3, 1, 1]);
  });

  test("a parent that is missing, itself, or a descendant makes a root", () => {
    const parent = Int32Array.from([-1, 7, 2, 4, 3]);
    const tree = treeOf(parent, Float64Array.from([0, 1, 2, 3, 4]));
    expect([...tree.order].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(tree.roots).toBe(4);
    expect(list(parent)).toEqual([-1, -1, -1, -1, 3]);
    expect(tree.size[3]).toBe(2);
  });

  test("own time is what no child covers, overlaps counted once", () => {
    // Children of the root cover 10-30 and 20-90: 20 ms are its own.
    expect([...TRACE.own].map((ns) => ns / 1e6)).toEqual([20, 20, 45, 5, 20]);
    expect(servicesOf(TRACE).map(({ service, own }) => [TRACE.words.service[service], own / 1e6])).toEqual([
      ["app", 45],
      ["db", 40],
      ["web", 20],
      ["cache", 5],
    ]);
  });

  test("50,000 spans in one chain are laid out without recursion", () => {
    const count = 50_000;
    const parent = Int32Array.from({ length: count }, (_, at) => at - 1);
    const tree = treeOf(
      parent,
      Float64Array.from({ length: count }, (_, at) => at),
    );
    expect(tree.depth[count - 1]).toBe(count - 1);
    expect(tree.size[0]).toBe(count);
  });
});

describe("rows", () => {
  test("a closed branch is one row, and what is in it is near its row", () => {
    const rows = rowsOf(TRACE, new Set([2]));
    expect(list(rows.span)).toEqual([0, 1, 2]);
    expect(rows.row[4]).toBe(-1);
    expect(rowNear(TRACE, rows, 4)).toBe(2);
    expect(ancestors(TRACE, 4)).toEqual([2, 0]);
  });

  test("folding from a depth keeps what is above it", () => {
    expect(list(rowsOf(TRACE, collapsedFrom(TRACE, 1)).span)).toEqual([0, 1, 2]);
    expect(list(rowsOf(TRACE, collapsedFrom(TRACE, 0)).span)).toEqual([0]);
  });

  test("only matches keep their ancestors", () => {
    const found = findIn(TRACE, "update")!;
    expect(list(rowsOf(TRACE, new Set(), withAncestors(TRACE, found.matches)).span)).toEqual([0, 2, 4]);
  });
});

describe("the critical path", () => {
  const full = criticalOf(TRACE, [
    [4, 40e6, 60e6],
    [0, 90e6, 100e6],
    [2, 20e6, 40e6],
    [2, 60e6, 90e6],
    [0, 0, 20e6],
    [9, 0, 5],
    [1, 9, 9],
  ]);

  test("is sorted by span, and what names no span or no time is dropped", () => {
    expect(list(full.from)).toEqual([0, 2, 2, 4, 4, 5]);
    const of = (span: number) =>
      [...full.stretch.slice(full.from[span] * 2, full.from[span + 1] * 2)].map((ns) => ns / 1e6);
    expect(of(2)).toEqual([20, 40, 60, 90]);
    expect(of(0)).toEqual([90, 100, 0, 20]);
  });

  test("the sum of all waits is the trace, the longest come first", () => {
    expect([...full.waits].reduce((sum, ns) => sum + ns, 0)).toBe(100e6);
    expect(longestWaits(full, 2)).toEqual([2, 0]);
  });

  test("an error is told first, else the longest wait", () => {
    expect(telling(TRACE, full.waits)).toBe(3);
    const calm = { ...TRACE, errors: new Int32Array(0) };
    expect(telling(calm, full.waits)).toBe(2);
  });
});

describe("find", () => {
  test.each<[string, number[]]>([
    ["db", [1, 4]],
    ["DB update", [4]],
    [">30ms", [0, 2]],
    ["<=5ms", [3]],
    ["error", [3]],
    ["service:app", [2]],
    ["operation:get", [3]],
    ["0000000000000004", [4]],
    ["nothing", []],
  ])("%s", (text, spans) => {
    expect(list(findIn(TRACE, text)!.list)).toEqual(spans);
  });

  test("next and previous go round", () => {
    const { list: found } = findIn(TRACE, "db")!;
    expect(nextIn(TRACE, found, null, 1)).toBe(1);
    expect(nextIn(TRACE, found, 2, 1)).toBe(4);
    expect(nextIn(TRACE, found, 4, 1)).toBe(1);
    expect(nextIn(TRACE, found, 1, -1)).toBe(4);
    expect(nextIn(TRACE, new Int32Array(0), 1, 1)).toBeNull();
  });
});
