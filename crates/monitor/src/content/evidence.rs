//! What shows that a notice is right: the chart as it was, rows that match, and what is different about them.

use super::Setting;
use crate::measure::frame_of;
use crate::measured;
use crate::notice::Notice;
use crate::picture::{self, Picture, PictureFacts, Scene, StateRow};
use crate::rule::{Rule, Target};
use crate::source::{Difference, Source};
use crate::status::Status;
use crate::template::cut;
use crate::watch::Stop;
use oriel_draw::{Beyond, Drawing, Level, StateBand, States, Threshold, Unit};
use oriel_model::{Core, Frame, FrameSeries, Row, ServiceCheck, Signal, TimeRange};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// Rows that a notice shows.
const SAMPLES_MAX: usize = 5;
/// What the bad window is compared with: the hour before it, or as much as it is long.
const BEFORE_MS: i64 = 3_600_000;
/// Differences that a notice shows.
const DIFFERENCES_MAX: usize = 5;
/// One line of a sample.
const SAMPLE_BYTES_MAX: usize = 2 << 10;
/// Lines of a chart: those of the group and the first others. A mail's chart of more is a tangle.
const LINES_MAX: usize = 12;
/// What a chart may take: a notice without one is better than a late one.
const CHART_WAIT: Duration = Duration::from_secs(8);
/// Errors of a service are looked for this far back: what broke it came first.
const RELATED_MS_MIN: i64 = 5 * 60_000;
/// A change among fewer percent points of the rows is chance.
const DIFFERENCE_MIN: f64 = 0.05;

/// A row as notices show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    pub signal: String,
    pub at_ms: i64,
    pub service: String,
    pub host: String,
    pub status: String,
    /// A log's message, a span's operation and resource, an event's title.
    pub text: String,
    pub trace_id: Option<String>,
}

/// See the module's head.
#[derive(Default)]
pub(super) struct Evidence {
    pub(super) chart: Option<Vec<u8>>,
    pub(super) samples: Vec<Sample>,
    pub(super) differences: Vec<Difference>,
    /// The newest matching row, for `{{log.message}}` and its kin.
    pub(super) row: Option<Row>,
}

impl Evidence {
    /// Reads all of it. What can't be read is left out and logged: a notice without a chart is better than none.
    pub(super) fn gather(notice: &Notice, rule: &Rule, name: &str, setting: &Setting<'_>) -> Self {
        let source = setting.source;
        let mut evidence = Self::default();
        match chart(notice, rule, name, (source, &setting.picture)) {
            Ok(chart) => evidence.chart = chart,
            Err(why) => tracing::warn!(monitor = notice.monitor, "the chart of a notice: {why}"),
        }
        if let Target::Checks(check) = &rule.target {
            evidence.row = newest_run(notice, &check.check, source);
            return evidence;
        }
        let Some((signal, search, compared)) = search(notice, rule) else { return evidence };
        let window = rows_window(notice, rule);
        match source.rows(notice.org(), (signal, &search), window, SAMPLES_MAX) {
            Ok(rows) => {
                evidence.samples = rows.iter().map(|row| sample(signal, row)).collect();
                evidence.row = rows.into_iter().next();
            }
            Err(why) => tracing::warn!(monitor = notice.monitor, "rows of a notice: {why}"),
        }
        if evidence.samples.is_empty() || notice.transition.to == Status::Ok {
            return evidence;
        }
        let before = TimeRange::new(window.start - window.len_ms().max(BEFORE_MS), window.start);
        match source.differences(notice.org(), (signal, &compared), window, before) {
            Ok(mut all) => {
                all.retain(|d| (d.now - d.before).abs() >= DIFFERENCE_MIN);
                all.truncate(DIFFERENCES_MAX);
                evidence.differences = all;
            }
            Err(why) => tracing::warn!(monitor = notice.monitor, "differences of a notice: {why}"),
        }
        evidence
    }
}

fn window(notice: &Notice) -> TimeRange {
    TimeRange::new(notice.window.start_ms, notice.window.end_ms)
}

/// The window; for rows that are only related to a metric, the last minutes at least.
fn rows_window(notice: &Notice, rule: &Rule) -> TimeRange {
    let window = window(notice);
    match &rule.target {
        Target::Series(series) if series.row_queries.is_empty() => {
            TimeRange::new(window.start.min(window.end - RELATED_MS_MIN), window.end)
        }
        _ => window,
    }
}

/// The rows that the notice is about, and those that are compared with the time before: what a monitor of rows counts in this
/// group; of another the errors of its service or host, compared among all of its rows, so that new errors are a difference, too.
pub(super) fn search(notice: &Notice, rule: &Rule) -> Option<(Signal, String, String)> {
    let Target::Series(series) = &rule.target else { return None };
    let group = |pairs: &[(String, String)]| {
        let term = |(key, value): &(String, String)| format!("{key}:\"{}\"", value.replace('"', "\\\""));
        pairs.iter().map(term).collect::<Vec<_>>().join(" ")
    };
    if let Some(rows) = series.row_queries.first() {
        let search = match rows.query.search.trim() {
            "" | "*" => group(&notice.tags),
            search if notice.tags.is_empty() => search.to_owned(),
            search => format!("({search}) {}", group(&notice.tags)),
        };
        return Some((rows.query.signal, search.clone(), search));
    }
    let named = notice.tags.iter().filter(|(key, _)| matches!(key.as_str(), "service" | "host"));
    let named: Vec<_> = named.cloned().collect();
    let all = (!named.is_empty()).then(|| group(&named))?;
    Some((Signal::Logs, format!("status:error {all}"), all))
}

fn sample(signal: Signal, row: &Row) -> Sample {
    let text = match signal {
        Signal::Spans => format!("{} {}", row.text(Core::Name), row.text(Core::Resource)),
        Signal::Events => format!("{} {}", row.text(Core::Name), row.text(Core::Message)),
        _ => row.text(Core::Message).to_owned(),
    };
    let of = |core| row.text(core).to_owned();
    Sample {
        signal: signal.as_str().to_owned(),
        at_ms: row.time_ms(),
        service: of(Core::Service),
        host: of(Core::Host),
        status: of(Core::Status),
        text: cut(text.trim(), SAMPLE_BYTES_MAX).into_owned(),
        trace_id: (row.trace_id != 0).then(|| oriel_model::format_trace_id(row.trace_id)),
    }
}

/// The newest run of a check in the window, as a row that bears its message.
fn newest_run(notice: &Notice, check: &str, source: &dyn Source) -> Option<Row> {
    let mut runs = source.check_runs(notice.org(), check, window(notice)).ok()?;
    let is_of_group = |run: &ServiceCheck| notice.tags.iter().all(|(key, value)| has_tag(run, key, value));
    runs.retain(is_of_group);
    let run = runs.pop()?;
    let mut row = Row::new(run.time_ms.saturating_mul(1_000_000));
    row.set_text(Core::Message, run.message);
    Some(row)
}

fn has_tag(run: &ServiceCheck, key: &str, value: &str) -> bool {
    match key {
        "host" if run.host == value => true,
        _ => {
            run.tags.iter().any(|tag| tag.strip_prefix(key).and_then(|t| t.strip_prefix(':')) == Some(value))
        }
    }
}

/// The chart as it was.
fn chart(
    notice: &Notice,
    rule: &Rule,
    name: &str,
    (source, facts): (&dyn Source, &PictureFacts),
) -> Result<Option<Vec<u8>>, String> {
    let at_ms = notice.transition.at_ms;
    let range = picture::range(rule, at_ms);
    let stop = Stop { deadline: Some(Instant::now() + CHART_WAIT), ..Stop::default() };
    let group = Some(&*notice.transition.group).filter(|_| !matches!(rule.target, Target::Series(_)));
    let scene = Scene {
        source,
        facts,
        stop: &stop,
        org: notice.org(),
        rule,
        range,
        at_ms,
        judged_ms: None,
        frozen: true,
        group,
    };
    let picture = scene.picture().map_err(|e| e.to_string())?;
    let png = match picture.states.is_empty() {
        true => lines(notice, rule, name, (picture, range)),
        false => states(notice, name, (&picture, range)),
    };
    png.map(Some).map_err(|e| e.to_string())
}

fn lines(
    notice: &Notice,
    rule: &Rule,
    name: &str,
    (picture, range): (Picture, TimeRange),
) -> oriel_draw::Result<Vec<u8>> {
    let at_ms = notice.transition.at_ms;
    let mut frame = frame_of(picture.lines).unwrap_or_default();
    if frame.times.is_empty() {
        frame.times = vec![range.start, range.end];
        frame.step_ms = 1;
    }
    let frame = fewer_lines(frame, &notice.transition.group);
    let mut drawing = Drawing::of(&frame, name);
    drawing.subtitle = &picture.caption;
    drawing.unit = picture.percent.then(percent);
    drawing.window = Some(window(notice)).filter(|_| matches!(rule.target, Target::Series(_)));
    drawing.moment_ms = Some(at_ms);
    drawing.thresholds = if picture.compared { thresholds(rule) } else { Vec::new() };
    drawing.focus = frame.series.iter().position(|s| is_group(s, &notice.transition.group));
    // Both burn rates are what the drawing is about.
    drawing.focus = drawing.focus.filter(|_| !matches!(rule.target, Target::Slo(_)));
    if notice.window.end_ms > at_ms {
        drawing.forecast_from_ms = Some(at_ms);
    }
    oriel_draw::png(&drawing)
}

fn percent() -> Unit {
    Unit {
        family: "percentage".to_owned(),
        name: "percent".to_owned(),
        short_name: "%".to_owned(),
        scale_factor: 1.0,
        per: None,
    }
}

fn states(
    notice: &Notice,
    name: &str,
    (picture, range): (&Picture, TimeRange),
) -> oriel_draw::Result<Vec<u8>> {
    let band = |row: &StateRow| StateBand {
        name: row.name.clone(),
        pieces: row.segments.iter().map(|s| (TimeRange::new(s.from_ms, s.to_ms), drawn(s.status))).collect(),
    };
    oriel_draw::states_png(&States {
        title: name,
        subtitle: &picture.caption,
        bands: picture.states.iter().map(band).collect(),
        range,
        moment_ms: Some(notice.transition.at_ms),
        time_zone: "UTC",
        theme: oriel_draw::Theme::Light,
    })
}

fn drawn(status: Status) -> oriel_draw::State {
    match status {
        Status::Alert => oriel_draw::State::Alert,
        Status::Warn => oriel_draw::State::Warn,
        Status::NoData => oriel_draw::State::NoData,
        Status::Unknown => oriel_draw::State::Unknown,
        Status::Ok | Status::Ignored | Status::Skipped => oriel_draw::State::Ok,
    }
}

fn is_group(series: &FrameSeries, group: &str) -> bool {
    *measured::key(&series.group) == *group
}

/// The group's line and the first others.
fn fewer_lines(mut frame: Frame, group: &str) -> Frame {
    if frame.series.len() > LINES_MAX {
        let at = frame.series.iter().position(|s| is_group(s, group)).unwrap_or(0);
        frame.series.swap(0, at);
        frame.series.truncate(LINES_MAX);
    }
    frame
}

fn thresholds(rule: &Rule) -> Vec<Threshold> {
    let beyond = if rule.comparator.is_upward() {
        Beyond::Above
    } else if rule.comparator.is_downward() {
        Beyond::Below
    } else {
        Beyond::Neither
    };
    let t = rule.thresholds;
    let lines = [
        (t.critical, Level::Critical, beyond),
        (t.warning, Level::Warning, beyond),
        (t.critical_recovery, Level::Recovery, Beyond::Neither),
        (t.warning_recovery, Level::Recovery, Beyond::Neither),
    ];
    let line =
        |(value, level, beyond): (Option<f64>, _, _)| value.map(|value| Threshold { value, level, beyond });
    lines.into_iter().filter_map(line).collect()
}
