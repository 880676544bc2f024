//! Pictures of SLO alerts: the error budget consumed, or both burn rates.

use super::{Picture, Scene, series, words};
use crate::rule::SloRule;
use crate::slo::{CourseGroup, Facts, course};
use crate::{Error, Result};
use oriel_model::{Frame, FrameSeries, Kind, TimeRange};

/// Groups whose lines are drawn, the worst first.
const GROUPS_MAX: usize = 10;

impl Scene<'_> {
    pub(super) fn slo(&self, rule: &SloRule) -> Result<Picture> {
        let known = self.facts.slo.as_ref().ok_or_else(|| Error::invalid("the SLO is not known"))?;
        let facts = Facts { corrections: &known.corrections, histories: &known.histories };
        let range = TimeRange::new(self.range.start, self.range.end.min(self.at_ms).max(self.range.start));
        let mut course = course(self.source, self.org, &known.slo, &facts, (rule, range))?;
        if course.groups.iter().any(|group| self.group == Some(&*group.key)) {
            course.groups.retain(|group| !self.hides(&group.key));
        }
        // What fires is the slower of both.
        let newest = |group: &CourseGroup| {
            let last = |values: &[f64]| values.last().copied().unwrap_or(f64::NAN);
            last(&group.long).min(last(&group.short))
        };
        course.groups.sort_by(|a, b| newest(b).total_cmp(&newest(a)));
        course.groups.truncate(GROUPS_MAX);
        let mut lines = Vec::new();
        for group in course.groups {
            match rule {
                SloRule::ErrorBudget { .. } => lines.push(line("budget consumed", &group.key, group.long)),
                SloRule::BurnRate { long_ms, short_ms, .. } => {
                    lines.push(line(&words::span(*long_ms), &group.key, group.long));
                    lines.push(line(&words::span(*short_ms), &group.key, group.short));
                }
            }
        }
        let frame = Frame { times: course.times, step_ms: course.step_ms, series: lines, ..Frame::default() };
        Ok(Picture {
            caption: words::caption_of_slo(rule, &known.slo.name),
            lines: vec![series::outcome("", frame)],
            compared: true,
            percent: matches!(rule, SloRule::ErrorBudget { .. }),
            ..Picture::default()
        })
    }
}

/// The window is the line's name: two lines of one group have nothing else to tell them apart.
fn line(name: &str, key: &str, values: Vec<f64>) -> FrameSeries {
    let name = if key == "*" { name.to_owned() } else { format!("{name} · {key}") };
    FrameSeries {
        expression: String::new(),
        scope: "*".to_owned(),
        group: Vec::new(),
        aggregator: String::new(),
        kind: Kind::Gauge,
        values,
        band: None,
        outlier: None,
        name,
    }
}
