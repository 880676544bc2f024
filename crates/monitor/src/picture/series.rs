//! Pictures of what the query road answers.

use super::{Picture, Scene, evaluated, words};
use crate::Result;
use crate::measure::frame_of;
use crate::measured::key;
use crate::rule::{Reduction, SeriesRule, TimeAggregation};
use oriel_model::Frame;
use oriel_query::{Outcome, Reducer, Request};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Scene<'_> {
    pub(super) fn series(&self, rule: &SeriesRule) -> Result<Picture> {
        if is_worked_out(rule)
            && let Some(frame) = self.evaluated(rule)?
        {
            let has_raw = matches!(rule.reduction, Reduction::Change { .. });
            let keeps_unit = evaluated::keeps_unit(rule);
            return Ok(Picture {
                caption: words::caption(rule),
                lines: vec![outcome(if keeps_unit { &self.rule.query } else { "" }, frame)],
                compared: true,
                percent: matches!(rule.reduction, Reduction::Change { percent: true, .. }),
                raw: if has_raw { self.own_lines(rule)? } else { Vec::new() },
                ..Picture::default()
            });
        }
        let mut lines = self.own_lines(rule)?;
        if rule.reduction == Reduction::Outliers {
            self.judge_outliers(rule, &mut lines)?;
        }
        let compared = match rule.reduction {
            Reduction::Anomalies { .. } | Reduction::Outliers => false,
            _ => !is_worked_out(rule),
        };
        Ok(Picture { caption: words::caption_of_own(rule), lines, compared, ..Picture::default() })
    }

    /// The query's lines over the range, in the chart's own step: the rule's is that of its window.
    pub(super) fn own_lines(&self, rule: &SeriesRule) -> Result<Vec<Outcome>> {
        let mut request = self.request(rule.request(self.range, self.at_ms));
        request.step_ms = rule.rollup_ms;
        request.row_totals = false;
        let mut outcomes = self.source.run(self.org, &request)?;
        for frame in outcomes.iter_mut().filter_map(|o| o.result.as_mut().ok()) {
            frame.series.retain(|series| !self.hides(&key(&series.group)));
        }
        Ok(outcomes)
    }

    /// As this scene asks: not longer than it may take, and of nothing later than it shows.
    pub(super) fn request(&self, request: Request) -> Request {
        Request {
            as_of_ms: self.frozen.then_some(self.at_ms),
            deadline: self.stop.deadline,
            cancel: self.stop.cancel.clone(),
            ..request
        }
    }

    pub(super) fn frames(&self, requests: Vec<Request>) -> Result<Vec<Frame>> {
        let run = |request| frame_of(self.source.run(self.org, &self.request(request))?);
        requests.into_iter().map(run).collect()
    }

    /// Who stands apart depends on the range: what is marked is what the evaluation of its window said.
    fn judge_outliers(&self, rule: &SeriesRule, lines: &mut [Outcome]) -> Result<()> {
        let frames = self.frames(rule.requests(self.judged_ms.unwrap_or(self.at_ms)))?;
        let verdicts: BTreeMap<Arc<str>, Option<bool>> =
            frames.iter().flat_map(|f| &f.series).map(|s| (key(&s.group), s.outlier)).collect();
        for series in lines.iter_mut().filter_map(|o| o.result.as_mut().ok()).flat_map(|f| &mut f.series) {
            series.outlier = verdicts.get(&key(&series.group)).copied().flatten().or(Some(false));
        }
        Ok(())
    }
}

/// Whether what is compared is not the query's own line: a bucket of seconds beside the threshold of a window's sum would
/// say nothing.
fn is_worked_out(rule: &SeriesRule) -> bool {
    match &rule.reduction {
        Reduction::Change { .. } | Reduction::Formula { .. } => true,
        Reduction::Window(TimeAggregation(Reducer::Sum)) => true,
        Reduction::Window(_) => !rule.row_queries.is_empty(),
        _ => false,
    }
}

pub(super) fn outcome(text: &str, frame: Frame) -> Outcome {
    Outcome { name: "evaluated".to_owned(), text: text.to_owned(), result: Ok(frame) }
}
