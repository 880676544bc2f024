"""Compares the query engine's numbers with pandas and NumPy on the same points.

    python tests/oracle/query_oracle.py target/debug/examples/answers [SEED]

needs numpy and pandas. The first argument is the built example of crates/query (`cargo build -p oriel-query --example answers`).
"""

import json
import math
import subprocess
import sys

import numpy as np
import pandas as pd

STEP = 60
START, END = 6_000, 6_000 + 3_600
INTERVAL = 10


def make_data(rng):
    """Four hosts each of a gauge, a count, a rate, a running total and a distribution, with gaps."""
    series = []
    for host in "abcd":
        times = np.arange(START, END, INTERVAL)
        times = times[rng.random(len(times)) > 0.1]
        walk = np.cumsum(rng.normal(0, 1, len(times))) + 50
        series.append(("g", host, "gauge", times, walk))
        series.append(("c", host, "count", times, rng.poisson(5, len(times)).astype(float)))
        series.append(("r", host, "rate", times, rng.poisson(5, len(times)) / 10))
        totals = np.cumsum(rng.poisson(7, len(times))).astype(float)
        totals[len(times) // 2 :] -= totals[len(times) // 2] - 3
        series.append(("t", host, "cumulative", times, totals))
        sizes = rng.integers(1, 30, len(times))
        values = [list(rng.lognormal(2, 1, n)) for n in sizes]
        series.append(("d", host, "distribution", times, values))
    return series


def ask(binary, series, queries):
    body = {
        "range_s": [START, END],
        "queries": queries,
        "series": [
            {
                "name": f"{name}{{host:{host}}}",
                "kind": kind,
                "interval_s": INTERVAL,
                "points": [[int(t), v if isinstance(v, list) else float(v)] for t, v in zip(times, values)],
            }
            for name, host, kind, times, values in series
        ],
    }
    out = subprocess.run([binary], input=json.dumps(body), capture_output=True, text=True, check=True)
    return json.loads(out.stdout)


def column(answer, scope):
    return np.array([math.nan if v is None else v for v in answer["series"][scope]])


def frame_of(series, name):
    """A host's samples as a pandas series by time."""
    return {host: pd.Series(values, index=pd.to_datetime(times, unit="s")) for n, host, _, times, values in series if n == name}


def rollup(samples, how):
    index = pd.to_datetime(np.arange(START, END, STEP), unit="s")
    rolled = samples.resample(f"{STEP}s", origin="epoch").agg(how)
    counts = samples.resample(f"{STEP}s", origin="epoch").count()
    return rolled.where(counts > 0).reindex(index)


class Report:
    def __init__(self):
        self.checks = 0
        self.failures = []

    def same(self, what, actual, expected, rtol=1e-9):
        self.checks += 1
        actual, expected = np.asarray(actual, float), np.asarray(expected, float)
        if actual.shape != expected.shape or not np.allclose(actual, expected, rtol=rtol, atol=1e-9, equal_nan=True):
            self.failures.append(f"{what}\n  engine   {actual[:12]}\n  expected {expected[:12]}")


def check_rollups(report, binary, series):
    """Each kind by each method, a line a host; then over all hosts."""
    words = {"avg": "mean", "sum": "sum", "min": "min", "max": "max", "count": "count"}
    for name in "gcrt":
        queries = [f"avg:{name}{{*}} by {{host}}.fill(null).rollup({how}, {STEP})" for how in words]
        answers = ask(binary, series, queries)
        for query, how in zip(queries, words.values()):
            for host, samples in frame_of(series, name).items():
                report.same(f"{query} {host}", column(answers[query], f"host:{host}"), rollup(samples, how))


def check_conversions(report, binary, series):
    queries = {
        "c": f"sum:c{{*}} by {{host}}.as_count().rollup(sum, {STEP})",
        "r": f"sum:r{{*}} by {{host}}.as_count().rollup(sum, {STEP})",
        "t": f"sum:t{{*}} by {{host}}.as_count().rollup(sum, {STEP})",
    }
    answers = ask(binary, series, list(queries.values()))
    for name, query in queries.items():
        for host, samples in frame_of(series, name).items():
            given = samples
            if name == "r":
                given = samples * INTERVAL
            if name == "t":
                rise = samples.diff()
                given = rise.where(rise >= 0, samples).iloc[1:]
            report.same(f"{query} {host}", column(answers[query], f"host:{host}"), rollup(given, "sum"))


def check_space(report, binary, series):
    table = pd.DataFrame({h: rollup(s, "mean") for h, s in frame_of(series, "g").items()})
    queries = {how: f"{how}:g{{*}}.fill(null).rollup(avg, {STEP})" for how in ("avg", "sum", "min", "max", "count", "stddev")}
    answers = ask(binary, series, list(queries.values()))
    expected = {
        "avg": table.mean(axis=1),
        "sum": table.sum(axis=1, min_count=1),
        "min": table.min(axis=1),
        "max": table.max(axis=1),
        "count": table.count(axis=1).replace(0, math.nan),
        "stddev": table.std(axis=1, ddof=0),
    }
    for how, query in queries.items():
        report.same(query, column(answers[query], "*"), expected[how])


def check_functions(report, binary, series):
    base = f"avg:g{{host:a}}.fill(null).rollup(avg, {STEP})"
    line = rollup(frame_of(series, "g")["a"], "mean")
    there = line.dropna()
    middle = round(float(line.median()), 3)
    steps = np.arange(len(line))
    known = ~line.isna().to_numpy()
    slope, level = np.polyfit(steps[known], line[known], 1)
    seconds = there.index.to_series().diff().dt.total_seconds().to_numpy()[1:]
    areas = (there.to_numpy()[1:] + there.to_numpy()[:-1]) / 2 * seconds

    def spread(values):
        return values.reindex(line.index)

    expected = {
        f"abs({base})": line.abs(),
        f"log2({base})": np.log2(line),
        f"log10({base})": np.log10(line),
        f"cumsum({base})": line.cumsum(),
        f"diff({base})": spread(there.diff()),
        f"per_second({base})": spread(there.diff().iloc[1:] / seconds),
        f"clamp_min({base}, {middle})": line.clip(lower=middle),
        f"clamp_max({base}, {middle})": line.clip(upper=middle),
        f"cutoff_min({base}, {middle})": line.where(line >= middle),
        f"cutoff_max({base}, {middle})": line.where(line <= middle),
        f"trend_line({base})": level + slope * steps,
        f"moving_rollup({base}, 300, 'avg')": line.rolling(5, min_periods=1).mean(),
        f"moving_rollup({base}, 300, 'sum')": line.rolling(5, min_periods=1).sum(),
        f"moving_rollup({base}, 300, 'min')": line.rolling(5, min_periods=1).min(),
        f"moving_rollup({base}, 300, 'max')": line.rolling(5, min_periods=1).max(),
        f"moving_rollup({base}, 300, 'median')": line.rolling(5, min_periods=1).median(),
        f"integral({base})": spread(pd.Series(np.concatenate([[0], np.cumsum(areas)]), index=there.index)),
    }
    for n in (3, 5, 7, 10, 20):
        expected[f"ewma_{n}({base})"] = spread(there.ewm(span=n).mean())
    for n in (3, 5, 7, 9):
        expected[f"median_{n}({base})"] = spread(there.rolling(n, min_periods=1).median())
    for n in (5, 13, 21, 29):
        expected[f"rollingavg_{n}({base})"] = spread(there.rolling(n, min_periods=1).mean())
    answers = ask(binary, series, list(expected))
    for query, values in expected.items():
        report.same(query, column(answers[query], "host:a"), values, rtol=1e-7)


def check_interpolation(report, binary, series):
    query = f"avg:g{{host:a}}.rollup(avg, {INTERVAL})"
    answer = ask(binary, series, [query])[query]
    samples = frame_of(series, "g")["a"].reindex(pd.to_datetime(np.arange(START, END, INTERVAL), unit="s"))
    report.same(query, column(answer, "host:a"), samples.interpolate(limit_area="inside"))


def check_anomalies(report, binary, series):
    query = f"anomalies(avg:g{{host:a}}.fill(null).rollup(avg, {STEP}), 'basic', 3)"
    answer = ask(binary, series, [query])[query]
    line = rollup(frame_of(series, "g")["a"], "mean").to_numpy()
    lower, upper = [], []
    for i in range(len(line)):
        past = line[max(0, i - 60) : i]
        past = past[~np.isnan(past)]
        if len(past) < 9:
            lower.append(math.nan)
            upper.append(math.nan)
            continue
        middle = np.median(past)
        low, high = np.percentile(past, [25, 75])
        half = max(3 * 0.7413 * (high - low), 1e-9 + 0.005 * abs(middle))
        lower.append(middle - half)
        upper.append(middle + half)
    band = [[math.nan if v is None else v for v in side] for side in answer["bands"]["host:a"]]
    report.same(query + " lower", band[0], lower)
    report.same(query + " upper", band[1], upper)


def check_distributions(report, binary, series):
    words = ("avg", "sum", "min", "max", "count", "p50", "p95", "p99")
    queries = {how: f"{how}:d{{*}}.rollup(avg, {STEP})" for how in words}
    answers = ask(binary, series, list(queries.values()))
    buckets = {t: [] for t in range(START, END, STEP)}
    for _, _, kind, times, values in series:
        if kind == "distribution":
            for t, vs in zip(times, values):
                buckets[int(t) // STEP * STEP].extend(vs)
    for how, query in queries.items():
        for actual, values in zip(column(answers[query], "*"), buckets.values()):
            if how.startswith("p"):
                rank = max(1, math.ceil(int(how[1:]) / 100 * len(values)))
                report.same(f"{query}", [actual], [sorted(values)[rank - 1]], rtol=0.01)
            else:
                exact = {"avg": np.mean, "sum": np.sum, "min": np.min, "max": np.max, "count": len}[how](values)
                report.same(f"{query}", [actual], [exact])


def main():
    binary = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    series = make_data(np.random.default_rng(seed))
    report = Report()
    for check in (
        check_rollups,
        check_conversions,
        check_space,
        check_functions,
        check_interpolation,
        check_anomalies,
        check_distributions,
    ):
        check(report, binary, series)
    for failure in report.failures[:20]:
        print(failure)
    print(f"seed {seed}: {report.checks} comparisons with pandas and NumPy, {len(report.failures)} differ")
    sys.exit(1 if report.failures or report.checks < 400 else 0)


if __name__ == "__main__":
    main()
