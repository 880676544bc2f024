//! What a picture needs beside telemetry: histories of monitors, and the SLO with what was taken out of it.

use crate::Result;
use crate::rule::{Rule, SloMeasure, SloRule, Target};
use crate::runtime::Recorded;
use crate::slo::{self, Correction, Histories, History, Slo, span};
use crate::source::Source;
use oriel_model::{OrgId, TimeMs, TimeRange};
use oriel_state::{DocumentKind, State};
use std::collections::BTreeMap;

/// Transitions of one monitor that are looked at.
const TRANSITIONS_MAX: usize = 100_000;

/// See the module's head.
#[derive(Debug, Default)]
pub struct PictureFacts {
    /// The monitor's own, and those of its members.
    pub(super) pasts: BTreeMap<i64, Past>,
    pub(super) own: Option<i64>,
    pub(super) slo: Option<SloFacts>,
}

/// What became of a monitor.
#[derive(Debug, Default)]
pub(super) struct Past {
    pub(super) name: String,
    /// Keys of its groups.
    pub(super) by: Vec<String>,
    pub(super) history: History,
}

#[derive(Debug)]
pub(super) struct SloFacts {
    pub(super) slo: Slo,
    pub(super) corrections: Vec<Correction>,
    pub(super) histories: Histories,
}

impl PictureFacts {
    /// Of a rule over a range; `monitor` is none for a draft.
    pub async fn load(
        state: &State,
        org: OrgId,
        rule: &Rule,
        range: TimeRange,
        monitor: Option<i64>,
    ) -> Result<Self> {
        let mut facts = Self { own: monitor, ..Self::default() };
        let judges_states = matches!(rule.target, Target::Composite(_) | Target::Checks(_));
        let mut wanted: Vec<i64> = monitor.filter(|_| judges_states).into_iter().collect();
        if let Target::Composite(composite) = &rule.target {
            wanted.extend(&composite.monitors);
        }
        for id in wanted {
            // A member that was deleted has no band, as it has no part in the formula.
            if let Ok(past) = past(state, org, id, range).await {
                facts.pasts.insert(id, past);
            }
        }
        if let Target::Slo(measured) = &rule.target {
            let document = state.document(org, DocumentKind::Slo, measured.slo()).await?;
            let slo = Slo::read(&document.id, &document.body)?;
            let corrections = state.documents(org, DocumentKind::SloCorrection).await?;
            let corrections = corrections.iter().filter_map(|c| Correction::read(&c.body).ok()).collect();
            let looked_at = TimeRange::new(span(measured, range.start).start, range.end);
            let mut histories = Histories::new();
            for &id in slo.monitors() {
                if let Ok(past) = past(state, org, id, looked_at).await {
                    histories.insert(id, past.history);
                }
            }
            facts.slo = Some(SloFacts { slo, corrections, histories });
        }
        Ok(facts)
    }

    /// The figures of an SLO alert at a moment; none when the SLO is not at hand.
    pub(crate) fn slo_measures(
        &self,
        source: &dyn Source,
        rule: &SloRule,
        (org, at_ms): (OrgId, TimeMs),
    ) -> Vec<SloMeasure> {
        let Some(own) = &self.slo else { return Vec::new() };
        let facts = slo::Facts { corrections: &own.corrections, histories: &own.histories };
        slo::measure(source, org, &own.slo, &facts, (rule, at_ms)).unwrap_or_default()
    }
}

async fn past(state: &State, org: OrgId, id: i64, range: TimeRange) -> Result<Past> {
    let monitor = state.monitor(org, id).await?;
    let before = state.monitor_transitions_before(org, id, range.start).await?;
    let mut within = state.monitor_transitions((org, id), range, None, TRANSITIONS_MAX).await?;
    within.reverse();
    let read = |body: &String| serde_json::from_str::<Recorded>(body).ok();
    let transitions = before.iter().chain(&within).filter_map(read).map(|r| r.transition).collect();
    let name = monitor.body.get("name").and_then(|name| name.as_str()).unwrap_or_default().to_owned();
    let by = Rule::parse(&monitor.body).map(|rule| rule.group_by().to_vec()).unwrap_or_default();
    let history = History { since_ms: monitor.created_ms, transitions, groups: Vec::new() };
    Ok(Past { name, by, history })
}
