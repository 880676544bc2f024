import { expect, test } from "vitest";
import type { Segment, Status } from "../api/monitorModel";
import { bandsOf, piecesOf, spentMs, spentText, statusAt } from "./pieces";

const segment = (status: Status, from_ms: number, to_ms: number): Segment => ({ status, from_ms, to_ms });
const SPAN = { fromMs: 1_000, toMs: 2_000 };

test("pieces are cut at the span and joined where the status goes on", () => {
  const all = [
    segment("OK", 0, 1_200),
    segment("Alert", 1_200, 1_500),
    segment("Alert", 1_500, 1_600),
    segment("OK", 1_600, 9_000),
  ];
  expect(piecesOf(all, SPAN).map(({ status, left, width }) => [status, left, width])).toEqual([
    ["OK", 0, 0.2],
    ["Alert", 0.2, 0.4],
    ["OK", 0.6, 0.4],
  ]);
});

test("one bad minute in a month is still seen, at the right end too", () => {
  const month = { fromMs: 0, toMs: 30 * 86_400_000 };
  const [piece] = piecesOf([segment("Alert", month.toMs - 60_000, month.toMs)], month);
  expect(piece.width).toBeGreaterThanOrEqual(0.002);
  expect(piece.left + piece.width).toBeLessThanOrEqual(1.0000001);
});

test("what lies outside is left out; nothing is drawn of an empty span", () => {
  expect(piecesOf([segment("Alert", 0, 1_000), segment("Warn", 2_000, 3_000)], SPAN)).toEqual([]);
  expect(piecesOf([segment("Alert", 0, 9_000)], { fromMs: 5, toMs: 5 })).toEqual([]);
});

test("a gap between two of one status stays a gap", () => {
  expect(piecesOf([segment("OK", 1_000, 1_100), segment("OK", 1_300, 1_400)], SPAN)).toHaveLength(2);
});

test("outages of Oriel are bands inside of the span, with words", () => {
  const outage = (from_ms: number, to_ms: number) => ({ from_ms, to_ms, reason: "down" as const });
  const bands = bandsOf([outage(0, 500), outage(500, 1_250), outage(1_900, 3_000), outage(2_000, 3_000)], SPAN);
  expect(bands.map(({ left, width }) => [left, Math.round(width * 100) / 100])).toEqual([
    [0, 0.25],
    [0.9, 0.1],
  ]);
  expect(bands[0].text).toMatch(/^Oriel was down, /);
  expect(bandsOf([outage(1_000, 1_001)], { fromMs: 0, toMs: 86_400_000 })[0].width).toBeGreaterThanOrEqual(0.002);
  expect(bandsOf([{ ...outage(0, 9_000), reason: "refused" }], { fromMs: 5, toMs: 5 })).toEqual([]);
});

test("time in a status counts what is inside", () => {
  const all = [segment("Alert", 0, 1_100), segment("OK", 1_100, 1_900), segment("Alert", 1_900, 5_000)];
  expect(spentMs(all, "Alert", SPAN)).toBe(200);
  expect(statusAt(all, 1_100)).toBe("OK");
  expect(statusAt(all, 9_000)).toBeNull();
});

test("spans are written with two figures", () => {
  expect(spentText(0)).toBe("0 s");
  expect(spentText(45_000)).toBe("45 s");
  expect(spentText(11_520_000)).toBe("3 h 12 min");
  expect(spentText(2 * 86_400_000 + 4 * 3_600_000 + 5_000)).toBe("2 d 4 h");
  expect(spentText(86_400_000 + 5_000)).toBe("1 d");
});
