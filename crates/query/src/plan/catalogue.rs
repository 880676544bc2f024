//! The functions that there are: for completion, for messages, for the documentation.

/// What the editor shows of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionInfo {
    pub name: &'static str,
    pub signature: &'static str,
    pub detail: &'static str,
}

macro_rules! catalogue {
    ($($name:literal $signature:literal $detail:literal;)*) => {
        &[$(FunctionInfo { name: $name, signature: $signature, detail: $detail }),*]
    };
}

/// Every function by its own name; families are listed by their usual members.
pub fn functions() -> &'static [FunctionInfo] {
    FUNCTIONS
}

static FUNCTIONS: &[FunctionInfo] = catalogue! {
    "abs" "abs(query)" "absolute value";
    "anomalies" "anomalies(query, 'agile', bounds, seasonality='daily')" "expected band around the line: basic, agile or robust";
    "autosmooth" "autosmooth(query)" "moving average of the span that suits best";
    "bottom5_mean" "bottom5_mean(query)" "the 5 lowest by mean";
    "bottom10_mean" "bottom10_mean(query)" "the 10 lowest by mean";
    "calendar_shift" "calendar_shift(query, '-1mo', 'UTC')" "values of a day, week, month or year before";
    "clamp_max" "clamp_max(query, number)" "larger values become the number";
    "clamp_min" "clamp_min(query, number)" "smaller values become the number";
    "count_nonzero" "count_nonzero(query)" "how many groups are not zero";
    "count_nonzero_finite" "count_nonzero_finite(query)" "how many groups are not zero";
    "count_not_null" "count_not_null(query)" "how many groups have a value";
    "cumsum" "cumsum(query)" "running sum over the range";
    "cutoff_max" "cutoff_max(query, number)" "larger values are left out";
    "cutoff_min" "cutoff_min(query, number)" "smaller values are left out";
    "day_before" "day_before(query)" "values of a day before";
    "default_zero" "default_zero(query)" "0 where there is no value";
    "derivative" "derivative(query)" "change per second";
    "diff" "diff(query)" "change since the value before";
    "dt" "dt(query)" "seconds since the value before";
    "ewma_3" "ewma_3(query)" "exponentially weighted average over a span of 3";
    "ewma_5" "ewma_5(query)" "exponentially weighted average over a span of 5";
    "ewma_7" "ewma_7(query)" "exponentially weighted average over a span of 7";
    "ewma_10" "ewma_10(query)" "exponentially weighted average over a span of 10";
    "ewma_20" "ewma_20(query)" "exponentially weighted average over a span of 20";
    "exclude_null" "exclude_null(query)" "groups without N/A";
    "fill" "fill(query, 'linear', 300)" "gaps filled: linear, last, zero or null";
    "forecast" "forecast(query, 'linear', deviations)" "the line drawn on into the future: linear or seasonal";
    "hour_before" "hour_before(query)" "values of an hour before";
    "integral" "integral(query)" "area under the line so far";
    "log10" "log10(query)" "logarithm to base 10";
    "log2" "log2(query)" "logarithm to base 2";
    "median_3" "median_3(query)" "median of the last 3 points";
    "median_5" "median_5(query)" "median of the last 5 points";
    "median_7" "median_7(query)" "median of the last 7 points";
    "median_9" "median_9(query)" "median of the last 9 points";
    "monotonic_diff" "monotonic_diff(query)" "rise since the value before";
    "month_before" "month_before(query)" "values of 28 days before";
    "moving_rollup" "moving_rollup(query, seconds, 'avg')" "over the last seconds at each point";
    "outliers" "outliers(query, 'DBSCAN', tolerance)" "lines unlike the others: DBSCAN, MAD, scaledDBSCAN or scaledMAD";
    "per_hour" "per_hour(query)" "change per hour";
    "per_minute" "per_minute(query)" "change per minute";
    "per_second" "per_second(query)" "change per second";
    "piecewise_constant" "piecewise_constant(query)" "level segments";
    "robust_trend" "robust_trend(query)" "straight line, little moved by outliers";
    "rollingavg_5" "rollingavg_5(query)" "average of the last 5 points";
    "rollingavg_13" "rollingavg_13(query)" "average of the last 13 points";
    "rollingavg_21" "rollingavg_21(query)" "average of the last 21 points";
    "rollingavg_29" "rollingavg_29(query)" "average of the last 29 points";
    "rollup" "rollup(query, 'avg', seconds)" "a further layer over time";
    "throughput" "throughput(query)" "value per second of its bucket";
    "timeshift" "timeshift(query, -seconds)" "values of another time";
    "top" "top(query, 10, 'mean', 'desc')" "the groups that rank first";
    "top_offset" "top_offset(query, 10, 'mean', 'desc', 10)" "the groups that rank next";
    "top5_mean" "top5_mean(query)" "the 5 highest by mean";
    "top10_mean" "top10_mean(query)" "the 10 highest by mean";
    "trend_line" "trend_line(query)" "straight line by least squares";
    "week_before" "week_before(query)" "values of a week before";
};
