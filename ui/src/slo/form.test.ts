import { expect, test } from "vitest";
import type { Slo } from "../api/slos";
import { freeTimeframe, freshSlo, readSlo, sloOf, sloProblem } from "./form";

const RATIO: Slo = {
  id: "a1",
  name: "Pay",
  type: "metric",
  description: null,
  tags: ["team:shop"],
  thresholds: [
    { timeframe: "30d", target: 99.9, warning: 99.95 },
    { timeframe: "7d", target: 99 },
  ],
  query: { numerator: "sum:pay.ok{*}.as_count()", denominator: "sum:pay.all{*}.as_count()" },
};

test("an objective goes round through the form", () => {
  expect(sloOf(readSlo(RATIO))).toEqual({
    ...RATIO,
    timeframe: "30d",
    target_threshold: 99.9,
    warning_threshold: 99.95,
  });
  expect(sloProblem(readSlo(RATIO))).toBe(null);
  expect(freeTimeframe(readSlo(RATIO).targets)).toBe("90d");
});

test("a time slice of one query is made of fields", () => {
  const slice = {
    comparator: "<=" as const,
    query_interval_seconds: 60 as const,
    threshold: 0.4,
    query: {
      formulas: [{ formula: "query1" }],
      queries: [{ data_source: "metrics", name: "query1", query: "avg:latency{*}" }],
    },
  };
  const slo: Slo = { ...RATIO, type: "time_slice", query: undefined, sli_specification: { time_slice: slice } };
  const form = readSlo(slo);
  expect(form).toMatchObject({ comparator: "<=", interval: 60, threshold: "0.4", foreign: null });
  expect(sloOf(form).sli_specification).toEqual({ time_slice: slice });
  expect(sloOf(form).query).toBe(undefined);
});

test("a time slice over logs is kept as it is", () => {
  const slice = {
    comparator: "<" as const,
    query_interval_seconds: 300 as const,
    threshold: 5,
    query: {
      formulas: [{ formula: "q" }],
      queries: [
        {
          data_source: "logs",
          name: "q",
          search: { query: "status:error" },
          compute: { aggregation: "count" },
          group_by: [],
        },
      ],
    },
  };
  const form = readSlo({ ...RATIO, type: "time_slice", query: undefined, sli_specification: { time_slice: slice } });
  expect(form.foreign).toEqual(slice);
  expect(sloOf({ ...form, threshold: "7" }).sli_specification?.time_slice).toEqual({ ...slice, threshold: 7 });
});

test("what is missing is said", () => {
  const form = { ...freshSlo(), name: "Pay" };
  expect(sloProblem(freshSlo())).toMatch(/name/);
  expect(sloProblem(form)).toMatch(/good/);
  expect(sloProblem({ ...form, type: "monitor" })).toMatch(/monitor/);
  expect(sloProblem({ ...form, targets: [{ timeframe: "7d", target: "120", warning: "" }] })).toMatch(/percentage/);
  expect(sloProblem({ ...form, targets: [{ timeframe: "7d", target: "99.9", warning: "99" }] })).toMatch(/warning/i);
});

test("what has no field survives an edit", () => {
  const query = { data_source: "metrics", name: "query1", query: "avg:latency{*}", semantic_mode: "combined" };
  const slice = {
    comparator: "<" as const,
    query_interval_seconds: 300 as const,
    threshold: 5,
    query: { formulas: [{ formula: "query1" }], queries: [query] },
  };
  const slo = {
    ...RATIO,
    type: "time_slice",
    query: undefined,
    timeframe: "7d",
    target_threshold: 99,
    thresholds: [
      { timeframe: "30d", target: 99.9, target_display: "99.900", warning: 99.95, warning_display: "99.95" },
      { timeframe: "7d", target: 99, target_display: "99." },
    ],
    sli_specification: { time_slice: slice, more: 1 },
    configured_alert_ids: [7],
  } as unknown as Slo;
  const again = sloOf({ ...readSlo(slo), description: "of cards" });
  expect(again).toEqual({ ...slo, description: "of cards", warning_threshold: undefined });
  const higher = readSlo(slo);
  higher.targets[0].target = "99.99";
  expect(sloOf({ ...higher, targets: higher.targets.slice(0, 1) }).thresholds).toEqual([
    { timeframe: "30d", target: 99.99, warning: 99.95, warning_display: "99.95" },
  ]);
});
