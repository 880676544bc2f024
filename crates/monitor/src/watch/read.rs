//! One read for one evaluation, whatever a rule asks for. Live, replay and previews go through here.

use crate::measure::frame_of;
use crate::measured::Measured;
use crate::outage::Outages;
use crate::replay::PastMember;
use crate::rule::{Ask, Member, SloMeasure, SloRule, Target};
use crate::source::Source;
use crate::{Error, Result, Rule};
use oriel_model::{Frame, OrgId, TimeMs, TimeRange};
use oriel_query::{Cancel, Request};
use std::time::Instant;

/// When a read ends before it is done.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    pub deadline: Option<Instant>,
    pub cancel: Cancel,
}

/// What measuring looks at.
pub struct World<'a> {
    pub source: &'a dyn Source,
    pub known: &'a dyn Known,
    pub stop: Stop,
}

/// What the server knows beside telemetry: other monitors, and SLOs.
pub trait Known: Send + Sync {
    /// A monitor as it is now; `None` when there is no such monitor.
    fn member(&self, org: OrgId, monitor: i64) -> Option<Member>;

    /// What became of monitors in a range; `None` for each that does not exist.
    fn past(&self, org: OrgId, monitors: &[i64], range: TimeRange) -> Result<Vec<Option<PastMember>>>;

    /// When Oriel itself took nothing in.
    fn outages(&self) -> Outages;

    /// What an SLO says.
    fn slo(&self, org: OrgId, rule: &SloRule, at_ms: TimeMs) -> Result<Vec<SloMeasure>>;
}

/// A measurement that is made of one window alone.
pub(crate) fn measure(world: &World<'_>, org: OrgId, rule: &Rule, at_ms: TimeMs) -> Result<Measured> {
    match (rule.ask(at_ms), &rule.target) {
        (Ask::Series { requests, .. }, Target::Series(series)) => {
            let frames = frames(world, org, requests)?;
            Ok(series.reduce(at_ms, &frames.iter().collect::<Vec<_>>()))
        }
        (Ask::Checks { rule, range }, _) => {
            Ok(rule.reduce(at_ms, &world.source.check_runs(org, &rule.check, range)?))
        }
        (Ask::Composite(rule), _) => {
            let member = |id: &i64| world.known.member(org, *id);
            Ok(rule.reduce(at_ms, &rule.monitors.iter().map(member).collect::<Vec<_>>()))
        }
        (Ask::Slo(rule), _) => Ok(rule.reduce(at_ms, &world.known.slo(org, rule, at_ms)?)),
        (Ask::Series { .. }, _) => Err(Error::invalid("the rule's target is not what it asks for")),
    }
}

/// The frames of an evaluation's requests.
pub(crate) fn frames(world: &World<'_>, org: OrgId, requests: Vec<Request>) -> Result<Vec<Frame>> {
    requests.iter().map(|request| frame(world, org, request)).collect()
}

pub(crate) fn frame(world: &World<'_>, org: OrgId, request: &Request) -> Result<Frame> {
    if world.stop.cancel.is_cancelled() {
        return Err(Error::Source("it was called off".to_owned()));
    }
    let request = Request {
        // What comes between the moment and the read would make replays differ.
        as_of_ms: Some(request.as_of_ms.unwrap_or(request.now_ms)),
        deadline: world.stop.deadline,
        cancel: world.stop.cancel.clone(),
        ..request.clone()
    };
    frame_of(world.source.run(org, &request)?)
}
