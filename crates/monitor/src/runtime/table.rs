//! Which monitors there are, and which unit evaluates each. Follows the state room: monitors that are made, replaced or deleted
//! come in by [`Table::put`] and [`Table::remove`].

use super::unit::{Live, Unit};
use crate::evaluate::MonitorState;
use crate::rule::Rule;
use crate::schedule::Cadence;
use crate::watch::{Seen, Watch};
use hashbrown::HashMap;
use oriel_model::{OrgId, TimeMs};
use oriel_state::{Monitor, SeenRow};
use serde_json::Value;
use sha2::Digest;
use std::sync::Arc;

/// A monitor with what its document means.
#[derive(Clone)]
pub(crate) struct Slot {
    pub(crate) body: Arc<Value>,
    pub(crate) modified_ms: TimeMs,
    /// Why it can't be evaluated, or who does.
    pub(crate) place: Result<(Arc<Rule>, Arc<Unit>), String>,
}

#[derive(Default)]
pub(crate) struct Table {
    slots: HashMap<(OrgId, i64), Slot>,
    units: HashMap<(OrgId, String), Arc<Unit>>,
    /// Rows that changes of monitors leave to be deleted with the next round.
    left: Vec<(OrgId, Left)>,
    /// A unit was made since this was last asked.
    grown: bool,
}

pub(crate) enum Left {
    /// Every group of a monitor.
    Groups(i64),
    Seen(SeenRow),
}

/// What is stored of a monitor's past.
#[derive(Default)]
pub(crate) struct Past {
    pub(crate) state: MonitorState,
    /// Of its watch.
    pub(crate) seen: Option<Seen>,
}

impl Table {
    pub(crate) fn get(&self, org: OrgId, id: i64) -> Option<&Slot> {
        self.slots.get(&(org, id))
    }

    pub(crate) fn slots(&self) -> impl Iterator<Item = (OrgId, i64, &Slot)> {
        self.slots.iter().map(|((org, id), slot)| (*org, *id, slot))
    }

    pub(crate) fn units(&self) -> impl ExactSizeIterator<Item = &Arc<Unit>> {
        self.units.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn take_grown(&mut self) -> bool {
        std::mem::take(&mut self.grown)
    }

    pub(crate) fn take_left(&mut self) -> Vec<(OrgId, Left)> {
        std::mem::take(&mut self.left)
    }

    /// Whether the monitor is evaluated, so that its states are known here.
    pub(crate) fn is_live(&self, org: OrgId, id: i64) -> bool {
        self.get(org, id).is_some_and(|slot| slot.place.is_ok())
    }

    /// Takes in a monitor, or what it has become. States of groups stay as long as the keys of groups do.
    pub(crate) fn put(
        &mut self,
        org: OrgId,
        monitor: Monitor,
        past: impl FnOnce(&str) -> Past,
        now_ms: TimeMs,
    ) {
        let id = monitor.id;
        let old = self.take(org, id);
        let body = Arc::new(monitor.body);
        let compiled = Rule::parse(&body).and_then(|rule| Ok((Cadence::of(&rule)?, Arc::new(rule))));
        let place = match compiled {
            Ok((cadence, rule)) => {
                let key = unit_key(&rule, &cadence);
                let past = past(&key);
                let state = match old {
                    Some(live) if live.rule.group_by() == rule.group_by() => live.state,
                    Some(_) => {
                        self.left.push((org, Left::Groups(id)));
                        MonitorState::default()
                    }
                    None => past.state,
                };
                let unit = self.unit(org, key, &rule, (cadence, past.seen));
                unit.adopt(state.groups().map(|(key, _)| key.clone()), now_ms);
                unit.live.write().push(Live::new(id, rule.clone(), body.clone(), state));
                Ok((rule, unit))
            }
            Err(error) => Err(error.to_string()),
        };
        self.slots.insert((org, id), Slot { body, modified_ms: monitor.modified_ms, place });
    }

    pub(crate) fn remove(&mut self, org: OrgId, id: i64) {
        self.take(org, id);
        self.slots.remove(&(org, id));
    }

    fn unit(
        &mut self,
        org: OrgId,
        key: String,
        rule: &Arc<Rule>,
        (cadence, seen): (Cadence, Option<Seen>),
    ) -> Arc<Unit> {
        self.grown |= !self.units.contains_key(&(org, key.clone()));
        let make = || {
            let watch = Watch::new(org, rule.clone(), seen.unwrap_or_default());
            Arc::new(Unit::new(org, key.clone(), rule, cadence, watch))
        };
        self.units.entry((org, key.clone())).or_insert_with(make).clone()
    }

    /// Takes a monitor out of its unit, and the unit away when it was the last one.
    fn take(&mut self, org: OrgId, id: i64) -> Option<Live> {
        let (_, unit) = self.slots.get(&(org, id))?.place.as_ref().ok()?;
        let unit = unit.clone();
        let mut all = unit.live.write();
        let at = all.iter().position(|live| live.id == id)?;
        let live = all.swap_remove(at);
        if all.is_empty() {
            self.units.remove(&(org, unit.key.clone()));
            self.left.push((org, Left::Seen(SeenRow { watch: unit.key.clone(), body: None })));
        }
        Some(live)
    }
}

/// Monitors with one key are evaluated together. A digest: it also names what is stored of the watch.
pub(crate) fn unit_key(rule: &Rule, cadence: &Cadence) -> String {
    let text = format!("{}\n{}", rule.share_key(), cadence.key());
    sha2::Sha256::digest(text.as_bytes()).iter().take(16).map(|b| format!("{b:02x}")).collect()
}
