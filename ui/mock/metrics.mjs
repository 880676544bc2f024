/** Queries over the catalog: numbers are functions of series and time. */
import { METRICS, TAGS } from "./catalog.mjs";

const STEPS = [1, 2, 5, 10, 20, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400];

export function hash(text) {
  let value = 2166136261;
  for (const char of text) value = Math.imul(value ^ char.codePointAt(0), 16777619);
  return (value >>> 0) / 4294967296;
}

function noise(seed, at) {
  return hash(`${seed}:${at}`) - 0.5;
}

function valueAt(metric, seed, seconds) {
  const own = hash(seed);
  if (metric.sparse && hash(`${seed}|${Math.floor(seconds / 10)}`) < metric.sparse) return null;
  const day = Math.sin((seconds / 86400 + own) * Math.PI * 2);
  const wave = Math.sin(seconds / (900 + own * 2400) + own * 9) * 0.5 + Math.sin(seconds / (170 + own * 80)) * 0.2;
  const value = metric.middle * (0.6 + own * 0.8) + metric.swing * (day * 0.5 + wave + noise(seed, seconds) * 0.7);
  const spike = metric.spiky && seconds % 2600 < 240 ? metric.swing * 12 : 0;
  return Math.max(0, value + spike);
}

/** Percentiles of a distribution lie this far from its middle. */
const PERCENTILES = { p50: 1, p75: 1.5, p90: 2.3, p95: 3.1, p99: 6.2 };

function parse(text) {
  const match = /(?:([a-z0-9]+):)?([a-z][\w.]*)\{([^}]*)\}(?:\s*by\s*\{([^}]*)\})?/i.exec(text);
  if (!match)
    return {
      error: {
        message: "expected a metric and a filter, like `avg:system.load.1{*}`",
        position: Math.min(text.length, 4),
        expected: ["metric", "{"],
      },
    };
  const found = METRICS.find(({ name }) => name === match[2]);
  const scale = PERCENTILES[match[1]] ?? 1;
  const by = (match[4] ?? "")
    .split(",")
    .map((key) => key.trim())
    .filter(Boolean);
  const rollup = /rollup\((?:\w+,\s*)?(\d+)\)/.exec(text);
  const top = /top\([^]*?,\s*(\d+)\s*,/.exec(text);
  return {
    metric: found && { ...found, middle: found.middle * scale, swing: found.swing * scale },
    filter: match[3],
    by,
    anomalies: /^anomalies\(/.test(text),
    rollup: rollup ? Number(rollup[1]) : 0,
    top: top ? Number(top[1]) : 0,
  };
}

function groups(by, filter) {
  let all = [[]];
  for (const key of by) {
    const fixed = new RegExp(`${key}:([^,}) ]+)`).exec(filter)?.[1];
    const values = (TAGS[key] ?? ["one"]).filter((value) => !fixed || value === fixed);
    all = all.flatMap((group) => values.map((value) => [...group, [key, value]]));
  }
  return all.slice(0, 60);
}

function statsOf(values) {
  const real = values.filter((value) => value !== null);
  if (!real.length) return { avg: null, min: null, max: null, sum: null, last: null };
  const sum = real.reduce((total, value) => total + value, 0);
  return { avg: sum / real.length, min: Math.min(...real), max: Math.max(...real), sum, last: real.at(-1) };
}

function bandOf(values, width) {
  const lower = [];
  const upper = [];
  for (let at = 0; at < values.length; at++) {
    const before = values
      .slice(Math.max(0, at - 60), at)
      .filter((value) => value !== null)
      .sort((a, b) => a - b);
    const median = before[before.length >> 1];
    if (before.length < 10) {
      lower.push(null);
      upper.push(null);
    } else {
      const spread =
        width *
        0.7413 *
        (before[Math.floor(before.length * 0.75)] - before[Math.floor(before.length * 0.25)] + 0.02 * median);
      lower.push(median - spread);
      upper.push(median + spread);
    }
  }
  return { lower, upper };
}

function run(name, text, body) {
  const parsed = parse(text);
  const span = (body.to_ms - body.from_ms) / 1000;
  const step =
    parsed.rollup ||
    body.step_s ||
    STEPS.find((each) => each >= 10 && span / each <= (body.display === "bar" ? 120 : 300)) ||
    86400;
  const base = {
    name,
    query: text,
    error: parsed.error ?? null,
    step_ms: step * 1000,
    incomplete_from_ms: null,
    times: [],
    series: [],
    notes: [],
  };
  if (parsed.error || !parsed.metric) return base;
  const from = Math.floor(body.from_ms / 1000 / step) * step;
  for (let at = from; at * 1000 < body.to_ms; at += step) base.times.push(at * 1000);
  if (body.to_ms > Date.now() - 5000) base.incomplete_from_ms = base.times.at(-1);
  for (const group of groups(parsed.by, parsed.filter)) {
    const seed = `${parsed.metric.name}|${parsed.filter}|${group.join()}`;
    const values = base.times.map((ms) =>
      step > 60 && !parsed.metric.spiky
        ? valueAt({ ...parsed.metric, sparse: 0 }, seed, ms / 1000)
        : valueAt(parsed.metric, seed, ms / 1000),
    );
    const scope = group.map(([key, value]) => `${key}:${value}`).join(",") || "*";
    base.series.push({
      name: parsed.metric.name,
      scope,
      expression: text.replace(/\{[^}]*\}(\s*by\s*\{[^}]*\})?/, `{${scope}}`),
      group,
      kind: parsed.metric.kind,
      unit: parsed.metric.unit,
      values,
      band: parsed.anomalies ? bandOf(values, 3) : null,
      stats: statsOf(values),
    });
  }
  if (parsed.top) base.series = base.series.sort((a, b) => b.stats.avg - a.stats.avg).slice(0, parsed.top);
  return base;
}

export function query(body) {
  const results = body.queries.map(({ name, query: text }) => run(name, text, body));
  if (!body.formulas?.length) return { results, elapsed_ms: 3.2 };
  const answers = body.formulas.map(({ formula, alias }) => {
    const names = body.queries.map(({ name }) => name).filter((name) => new RegExp(`\\b${name}\\b`).test(formula));
    const first = results.find(({ name }) => name === names[0]) ?? results[0];
    const series = first.series.map((one, index) => {
      const values = one.values.map((_, at) => {
        const scope = Object.fromEntries(
          names.map((name) => [name, results.find((each) => each.name === name)?.series[index]?.values[at] ?? null]),
        );
        if (Object.values(scope).includes(null)) return null;
        return compute(formula, scope);
      });
      return { ...one, name: formula, expression: formula, values, stats: statsOf(values) };
    });
    return { ...first, name: alias ?? formula, query: formula, series };
  });
  return { results: answers, elapsed_ms: 4.1 };
}

function compute(formula, scope) {
  const text = formula.replace(/[a-z]\w*/gi, (word) => (word in scope ? `(${scope[word]})` : ""));
  if (!/^[\d\s+\-*/().e]+$/i.test(text)) return Object.values(scope)[0];
  return Function(`return ${text}`)();
}
