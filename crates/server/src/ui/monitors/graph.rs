//! `GET /api/ui/monitors/{id}/graph` and `/value`: what alert widgets and the monitor's page draw.

use super::parsed::thresholds;
use crate::answer::{Answer, Failure, ok};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Path, Query};
use crate::monitoring::{measuring, rule_of, summary};
use crate::query::unit_of;
use crate::ui::query::drawn_results;
use axum::extract::State;
use oriel_model::{OrgId, TimeMs, TimeRange};
use oriel_monitor::measured::key;
use oriel_monitor::rule::{Reduction, Rule, SeriesRule, Target, TimeAggregation};
use oriel_monitor::status::Status;
use oriel_query::{Outcome, Reducer};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// A chart's range at most: what metrics are kept for.
const RANGE_MS_MAX: i64 = 500 * 86_400_000;

#[derive(Deserialize)]
pub(crate) struct Asked {
    from_ms: TimeMs,
    to_ms: TimeMs,
    #[serde(default)]
    group: Option<String>,
}

pub(crate) async fn graph(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<i64>,
    Query(asked): Query<Asked>,
) -> Answer {
    let monitor = summary(&app, reader.org, id).await?;
    let rule = rule_of(&monitor)?;
    let range = range(asked.from_ms, asked.to_ms)?;
    let drawn = Drawing { rule: rule.clone(), range, as_of_ms: None, group: asked.group };
    let outcomes = drawn.run(&app, reader.org).await?;
    Ok(ok(&json!({
        "name": rule.name,
        "status": monitor.status.map(Status::as_str),
        "results": drawn_results(&app, reader.org, &outcomes),
        "thresholds": thresholds(&rule),
        "comparator": rule.comparator.as_str(),
    })))
}

/// The value of the worst group at the newest evaluation.
pub(crate) async fn value(State(app): State<Arc<App>>, reader: Reader, Path(id): Path<i64>) -> Answer {
    let monitor = summary(&app, reader.org, id).await?;
    let worst =
        app.monitoring.runtime()?.overview(reader.org, id, 1).and_then(|o| o.groups.into_iter().next());
    let unit = match monitor.rule.as_ref().map(|rule| &rule.target) {
        Ok(Target::Series(series)) if series.row_queries.is_empty() => {
            series.queries.first().and_then(|q| unit_of_text(&app, reader.org, &q.text))
        }
        _ => None,
    };
    Ok(ok(&json!({
        "value": worst.as_ref().and_then(|g| g.value),
        "unit": unit,
        "status": monitor.status.map(Status::as_str),
        "group": worst.map(|g| g.key),
    })))
}

fn unit_of_text(app: &App, org: OrgId, text: &str) -> Option<String> {
    let column =
        oriel_model::FrameSeries { name: text.to_owned(), expression: text.to_owned(), ..empty_column() };
    let (unit, per) = unit_of(app, org, &column, text);
    let unit = unit?;
    Some(
        per.map_or_else(
            || unit.short_name.to_owned(),
            |per| format!("{}/{}", unit.short_name, per.short_name),
        ),
    )
}

fn empty_column() -> oriel_model::FrameSeries {
    oriel_model::FrameSeries {
        name: String::new(),
        expression: String::new(),
        scope: "*".to_owned(),
        group: Vec::new(),
        aggregator: String::new(),
        kind: oriel_model::Kind::Gauge,
        values: Vec::new(),
        band: None,
        outlier: None,
    }
}

pub(super) fn range(from_ms: TimeMs, to_ms: TimeMs) -> Answer<TimeRange> {
    if from_ms >= to_ms || to_ms - from_ms > RANGE_MS_MAX {
        return Err(Failure::invalid("from_ms must lie before to_ms, and not more than 500 days"));
    }
    Ok(TimeRange::new(from_ms, to_ms))
}

/// The chart of a rule over a range.
pub(super) struct Drawing {
    pub(super) rule: Arc<Rule>,
    pub(super) range: TimeRange,
    /// Nothing later is drawn.
    pub(super) as_of_ms: Option<TimeMs>,
    /// Only this one.
    pub(super) group: Option<String>,
}

impl Drawing {
    /// None for rules that are not of series.
    pub(super) async fn run(self, app: &Arc<App>, org: OrgId) -> Answer<Vec<Outcome>> {
        let Target::Series(series) = &self.rule.target else { return Ok(Vec::new()) };
        let now_ms = self.as_of_ms.unwrap_or_else(|| app.now_ms());
        let mut request = series.request(self.range, now_ms);
        request.as_of_ms = self.as_of_ms;
        // The chart's own step: the rule's is that of its window.
        request.step_ms = series.rollup_ms.or_else(|| added_up(series, self.range));
        let mut outcomes = measuring(app, move |world| world.source.run(org, &request)).await?;
        if let Some(group) = self.group.filter(|g| g != "*") {
            for frame in outcomes.iter_mut().filter_map(|o| o.result.as_mut().ok()) {
                frame.series.retain(|s| *key(&s.group) == *group);
            }
        }
        Ok(outcomes)
    }
}

/// Points of a chart that is drawn by windows, at most: the default rule's for API answers, five times.
const WINDOWS_MAX: i64 = 1_500;

/// What is added up over the window, and what is counted of rows in it, is compared window by window: it is drawn so too, since
/// a bucket of seconds beside a threshold of minutes would say nothing.
fn added_up(series: &SeriesRule, range: TimeRange) -> Option<i64> {
    let sums = matches!(series.reduction, Reduction::Window(TimeAggregation(Reducer::Sum)));
    let window_ms = series.window.len_ms();
    let fits = window_ms > 0 && range.len_ms() / window_ms <= WINDOWS_MAX && window_ms <= range.len_ms();
    (fits && (sums || !series.row_queries.is_empty())).then_some(window_ms)
}
