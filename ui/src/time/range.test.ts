import { describe, expect, test } from "vitest";
import { parseSpan, readRange, spanText, writeRange, type TimeRange } from "./range";
import { parseTyped } from "./typed";

const NOW = new Date(2026, 10, 20, 15, 30, 0).getTime();
const at = (day: number, hour = 0, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();
const fixed = (fromMs: number, toMs: number): TimeRange => ({ kind: "fixed", fromMs, toMs });
const live = (spanMs: number): TimeRange => ({ kind: "live", spanMs });

describe("parseTyped", () => {
  test.each<[string, TimeRange | null]>([
    ["4h", live(14_400_000)],
    ["90 min", live(5_400_000)],
    ["1mo", live(2_592_000_000)],
    ["past 2 days", live(172_800_000)],
    ["last hour", live(3_600_000)],
    ["today", fixed(at(20), NOW)],
    ["yesterday", fixed(at(19), at(20))],
    ["10:00 - 11:30", fixed(at(20, 10), at(20, 11, 30))],
    ["2026-11-18 10:00 to 12:00", fixed(at(18, 10), at(18, 12))],
    ["2026-11-18 – 2026-11-19", fixed(at(18), at(19))],
    ["Nov 18, 10:00 – Nov 19, 09:15", fixed(at(18, 10), at(19, 9, 15))],
    ["18 nov 08:00 to now", fixed(at(18, 8), NOW)],
    ["yesterday 22:00 - today 02:00", fixed(at(19, 22), at(20, 2))],
    ["1795000000 - 1795003600", fixed(1_795_000_000_000, 1_795_003_600_000)],
    ["12:00 - 11:00", null],
    ["2026-02-31 - now", null],
    ["soon", null],
    ["", null],
  ])("%s", (text, range) => {
    expect(parseTyped(text, NOW)).toEqual(range);
  });
});

describe("the URL", () => {
  test.each<TimeRange>([live(14_400_000), live(90_000), live(7 * 86_400_000), fixed(1_000, 2_000)])(
    "%o comes back",
    (range) => {
      expect(readRange(writeRange(new URLSearchParams("range=5m&x=1"), range))).toEqual(range);
    },
  );

  test("spans are written as they are typed", () => {
    for (const text of ["30s", "15m", "4h", "2d", "1w", "3mo"]) expect(spanText(parseSpan(text) ?? 0)).toBe(text);
  });
});
