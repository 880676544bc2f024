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
use oriel_monitor::picture::{Picture, PictureFacts, Scene};
use oriel_monitor::rule::{Reduction, Rule, Target};
use oriel_monitor::status::Status;
use oriel_query::Outcome;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// A chart's range at most: what metrics are kept for.
const RANGE_MS_MAX: i64 = 500 * 86_400_000;

#[derive(Deserialize)]
pub(crate) struct Asked {
    from_ms: TimeMs,
    to_ms: TimeMs,
    #[serde(default)]
    group: Option<String>,
    /// The moment that is looked at.
    #[serde(default)]
    at_ms: Option<TimeMs>,
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
    let drawn = Drawing {
        rule: rule.clone(),
        range,
        as_of_ms: None,
        at_ms: asked.at_ms,
        group: asked.group.filter(|group| !group.is_empty()),
        monitor: Some(id),
    };
    let picture = drawn.picture(&app, reader.org).await?;
    let mut answer = shown(&app, reader.org, &picture);
    answer["name"] = json!(rule.name);
    answer["status"] = json!(monitor.status.map(Status::as_str));
    answer["thresholds"] = thresholds(&rule);
    answer["comparator"] = json!(rule.comparator.as_str());
    Ok(ok(&answer))
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
    /// The moment whose verdict is shown, where it is not the newest.
    pub(super) at_ms: Option<TimeMs>,
    /// Only this one.
    pub(super) group: Option<String>,
    /// None of a draft.
    pub(super) monitor: Option<i64>,
}

impl Drawing {
    pub(super) async fn picture(self, app: &Arc<App>, org: OrgId) -> Answer<Picture> {
        self.drawn(app, org, |scene| scene.picture()).await
    }

    /// The points of the query; none for rules that are not of series.
    pub(super) async fn points(self, app: &Arc<App>, org: OrgId) -> Answer<Vec<Outcome>> {
        self.drawn(app, org, |scene| scene.points()).await
    }

    async fn drawn<T: Send + 'static>(
        self,
        app: &Arc<App>,
        org: OrgId,
        draw: impl FnOnce(&Scene<'_>) -> oriel_monitor::Result<T> + Send + 'static,
    ) -> Answer<T> {
        let facts = PictureFacts::load(&app.state, org, &self.rule, self.range, self.monitor).await?;
        let newest_ms = app.now_ms().min(self.range.end);
        // A forecast is shown as it was told then; of everything else it is also seen how it went on.
        let told_then = self.at_ms.filter(|_| is_forecast(&self.rule));
        let as_of_ms = self.as_of_ms.or(told_then);
        measuring(app, move |world| {
            draw(&Scene {
                source: world.source,
                facts: &facts,
                stop: &world.stop,
                org,
                rule: &self.rule,
                range: self.range,
                at_ms: as_of_ms.unwrap_or(newest_ms),
                judged_ms: self.at_ms,
                frozen: as_of_ms.is_some(),
                group: self.group.as_deref(),
            })
        })
        .await
    }
}

fn is_forecast(rule: &Rule) -> bool {
    matches!(&rule.target, Target::Series(series) if matches!(series.reduction, Reduction::Forecast { .. }))
}

/// A picture as pages draw it: lines with what they are, or states.
pub(super) fn shown(app: &App, org: OrgId, picture: &Picture) -> Value {
    let mut results = drawn_results(app, org, &picture.lines);
    if picture.percent {
        let series = results.as_array_mut().into_iter().flatten().filter_map(|r| r["series"].as_array_mut());
        for one in series.flatten() {
            one["unit"] =
                json!({ "family": "percentage", "name": "percent", "short_name": "%", "scale_factor": 1.0 });
        }
    }
    json!({
        "results": results,
        "raw": drawn_results(app, org, &picture.raw),
        "states": picture.states,
        "caption": picture.caption,
        "compared": picture.compared,
    })
}
