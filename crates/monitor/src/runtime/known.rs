//! What evaluations know beside telemetry: other monitors as they are, and SLOs with what happened to them.

use super::{Inner, Recorded};
use crate::Result;
use crate::outage::Outages;
use crate::replay::PastMember;
use crate::rule::{Member, SloMeasure, SloRule};
use crate::slo::{self, Correction, Facts, Histories, History, Slo};
use crate::status::Status;
use crate::watch::Known;
use oriel_model::{OrgId, TimeMs, TimeRange};
use oriel_state::DocumentKind;
use std::sync::Arc;

/// Transitions of one monitor that an SLO looks at.
const TRANSITIONS_MAX: usize = 100_000;

impl Known for Inner {
    fn member(&self, org: OrgId, monitor: i64) -> Option<Member> {
        let (rule, unit) = self.table.read().get(org, monitor)?.place.clone().ok()?;
        let all = unit.live.read();
        let live = all.iter().find(|live| live.id == monitor)?;
        let groups: Vec<(Arc<str>, Status)> = live
            .state
            .groups()
            .filter(|(_, group)| group.status != Status::Ok)
            .map(|(key, group)| (key.clone(), group.status))
            .collect();
        let newest = unit.newest.read().clone();
        let keys = newest.iter().flat_map(|m| m.groups.iter().map(|g| g.key.clone())).collect();
        let status = live.state.status().unwrap_or_default();
        Some(Member { status, by: rule.group_by().to_vec(), groups, keys })
    }

    fn past(&self, org: OrgId, monitors: &[i64], range: TimeRange) -> Result<Vec<Option<PastMember>>> {
        let mut pasts = Vec::with_capacity(monitors.len());
        for &monitor in monitors {
            let slot = self.table.read().get(org, monitor).cloned();
            let by = slot.and_then(|s| s.place.ok()).map(|(rule, _)| rule.group_by().to_vec());
            pasts.push(match by {
                Some(by) => {
                    let history = self.runtime.block_on(self.history(org, monitor, range))?;
                    Some(PastMember { by, history })
                }
                None => None,
            });
        }
        Ok(pasts)
    }

    fn outages(&self) -> Outages {
        self.pulse.read().outages(self.now_ms())
    }

    fn slo(&self, org: OrgId, rule: &SloRule, at_ms: TimeMs) -> Result<Vec<SloMeasure>> {
        let (slo, corrections, histories) = self.runtime.block_on(self.slo_facts(org, rule, at_ms))?;
        let facts = Facts { corrections: &corrections, histories: &histories };
        slo::measure(&*self.parts.source, org, &slo, &facts, (rule, at_ms))
    }
}

impl Inner {
    async fn slo_facts(
        &self,
        org: OrgId,
        rule: &SloRule,
        at_ms: TimeMs,
    ) -> Result<(Slo, Vec<Correction>, Histories)> {
        let state = &self.parts.state;
        let document = state.document(org, DocumentKind::Slo, rule.slo()).await?;
        let slo = Slo::read(&document.id, &document.body)?;
        let corrections = state.documents(org, DocumentKind::SloCorrection).await?;
        let corrections: Vec<Correction> =
            corrections.iter().filter_map(|c| Correction::read(&c.body).ok()).collect();
        let range = slo::span(rule, at_ms);
        let mut histories = Histories::new();
        for &monitor in slo.monitors() {
            histories.insert(monitor, self.history(org, monitor, range).await?);
        }
        Ok((slo, corrections, histories))
    }

    /// What became of a monitor's groups in a range.
    pub(crate) async fn history(&self, org: OrgId, monitor: i64, range: TimeRange) -> Result<History> {
        let state = &self.parts.state;
        let created_ms = state.monitor(org, monitor).await?.created_ms;
        let before = state.monitor_transitions_before(org, monitor, range.start).await?;
        let mut within = state.monitor_transitions((org, monitor), range, None, TRANSITIONS_MAX).await?;
        within.reverse();
        let transitions = before
            .iter()
            .chain(&within)
            .filter_map(|body| serde_json::from_str::<Recorded>(body).ok())
            .map(|recorded| recorded.transition)
            .collect();
        let groups = self.member(org, monitor).map(|m| m.keys).unwrap_or_default();
        Ok(History { since_ms: created_ms, transitions, groups })
    }
}
