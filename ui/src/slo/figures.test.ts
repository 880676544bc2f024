import { expect, test } from "vitest";
import { burnMonitor, burnQuery, PAIR } from "./burn";
import { budgetMs, budgetText, budgetTone, burnText, durationText, sliText } from "./figures";

test("a level is cut, never rounded up to what it isn't", () => {
  expect(sliText(99.9996, 99.9)).toBe("99.99 %");
  expect(sliText(99.899, 99.9)).toBe("99.89 %");
  expect(sliText(100, 99.9)).toBe("100 %");
  expect(sliText(99.9, 99)).toBe("99.9 %");
  expect(sliText(99.66, 99)).toBe("99.66 %");
  expect(sliText(99.99999, 99.995)).toBe("99.9999 %");
  expect(sliText(null)).toBe("–");
});

test("budgets", () => {
  expect(budgetText(62.4)).toBe("62 %");
  expect(budgetText(4.21)).toBe("4.2 %");
  expect(budgetText(-130)).toBe("-130 %");
  expect(budgetText(0)).toBe("0 %");
  expect([budgetTone(80), budgetTone(10), budgetTone(0), budgetTone(null)]).toEqual(["", "warn", "bad", ""]);
  expect(Math.round(budgetMs(99.9, "30d") / 60_000)).toBe(43);
  expect(burnText(14.4)).toBe("14.4×");
  expect([30_000, 600_000, 6_000_000, 90_000_000, 176_400_000].map(durationText)).toEqual([
    "30 s",
    "10 min",
    "1 h 40 min",
    "25 h",
    "2 d 1 h",
  ]);
});

test("the pair of burn-rate monitors", () => {
  expect(burnQuery("abc", "30d", PAIR[0])).toBe(
    'burn_rate("abc").over("30d").long_window("1h").short_window("5m") > 14.4',
  );
  const slo = { id: "abc", name: "Pay", type: "metric" as const, thresholds: [], tags: ["team:shop"] };
  const monitor = burnMonitor(slo, "30d", PAIR[1], "@slack-ops");
  expect(monitor).toMatchObject({ type: "slo alert", name: "Pay: slow burn", tags: ["team:shop"] });
  expect(monitor.query).toContain('long_window("6h").short_window("30m") > 6');
  expect(monitor.options.thresholds).toEqual({ critical: 6 });
  expect(monitor.message).toContain("@slack-ops");
});
