//! One lane a handle: a slow or limited receiver holds up nobody else.

use crate::handle::Kind;
use oriel_model::OrgId;
use oriel_state::Delivery;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// Deliveries to one handle that are being sent at once.
const LANE_MAX: usize = 4;
/// Messages that a lane may send at once after a rest.
const BURST: f64 = 20.0;

/// Whether a delivery may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admitted {
    Now,
    /// It is being sent already, or its lane is full.
    Sending,
    Later(Duration),
}

/// Messages a second: what the services document for one webhook, and for the others what a receiver of the same size takes.
fn per_second(channel: &str) -> f64 {
    match Kind::parse(channel) {
        Some(Kind::Slack | Kind::Telegram) => 1.0,
        Some(Kind::Discord | Kind::Teams) => 2.0,
        Some(Kind::PagerDuty | Kind::Opsgenie) => 10.0,
        Some(Kind::Email | Kind::Sns | Kind::Webhook) | None => 50.0,
    }
}

struct Lane {
    sending: usize,
    /// Messages that may go now.
    tokens: f64,
    filled: Instant,
}

/// See the module's head. Lanes without traffic are dropped.
#[derive(Default)]
pub(super) struct Lanes {
    lanes: HashMap<(OrgId, String), Lane>,
    sending: HashSet<(OrgId, String, String)>,
}

impl Lanes {
    pub(super) fn admit(&mut self, delivery: &Delivery) -> Admitted {
        self.admit_at(delivery, Instant::now())
    }

    fn admit_at(&mut self, delivery: &Delivery, now: Instant) -> Admitted {
        let id = (delivery.org, delivery.key.clone(), delivery.handle.clone());
        if self.sending.contains(&id) {
            return Admitted::Sending;
        }
        let rate = per_second(&delivery.channel);
        let lane = self.lanes.entry((delivery.org, delivery.handle.clone())).or_insert(Lane {
            sending: 0,
            tokens: BURST,
            filled: now,
        });
        lane.tokens = (lane.tokens + now.duration_since(lane.filled).as_secs_f64() * rate).min(BURST);
        lane.filled = now;
        if lane.sending >= LANE_MAX {
            return Admitted::Sending;
        }
        if lane.tokens < 1.0 {
            return Admitted::Later(Duration::from_secs_f64((1.0 - lane.tokens) / rate));
        }
        lane.tokens -= 1.0;
        lane.sending += 1;
        self.sending.insert(id);
        Admitted::Now
    }

    pub(super) fn done(&mut self, delivery: &Delivery) {
        self.sending.remove(&(delivery.org, delivery.key.clone(), delivery.handle.clone()));
        if let Some(lane) = self.lanes.get_mut(&(delivery.org, delivery.handle.clone())) {
            lane.sending = lane.sending.saturating_sub(1);
        }
        self.lanes.retain(|_, lane| lane.sending > 0 || lane.filled.elapsed() < Duration::from_secs(60));
    }
}

#[cfg(test)]
mod tests {
    use super::{Admitted, Lanes};
    use oriel_model::OrgId;
    use oriel_state::Delivery;
    use std::time::{Duration, Instant};

    fn delivery(n: usize, handle: &str, channel: &str) -> Delivery {
        Delivery {
            org: OrgId(1),
            key: n.to_string(),
            handle: handle.to_owned(),
            channel: channel.to_owned(),
            monitor: 1,
            group: "*".to_owned(),
            at_ms: 0,
            state: "pending".to_owned(),
            attempts: 0,
            next_ms: 0,
            sent_ms: None,
            error: None,
        }
    }

    #[test]
    fn a_lane_has_a_width_and_a_rate_and_others_are_free() {
        let mut lanes = Lanes::default();
        let now = Instant::now();
        for n in 0..4 {
            assert_eq!(lanes.admit_at(&delivery(n, "@slack-a", "slack"), now), Admitted::Now);
        }
        assert_eq!(lanes.admit_at(&delivery(0, "@slack-a", "slack"), now), Admitted::Sending, "the same one");
        assert_eq!(lanes.admit_at(&delivery(4, "@slack-a", "slack"), now), Admitted::Sending, "four at once");
        assert_eq!(lanes.admit_at(&delivery(5, "@slack-b", "slack"), now), Admitted::Now);
        for n in 0..16 {
            lanes.done(&delivery(if n < 4 { n } else { n + 6 }, "@slack-a", "slack"));
            assert_eq!(lanes.admit_at(&delivery(n + 10, "@slack-a", "slack"), now), Admitted::Now);
        }
        lanes.done(&delivery(25, "@slack-a", "slack"));
        assert!(matches!(lanes.admit_at(&delivery(99, "@slack-a", "slack"), now), Admitted::Later(_)));
        let later = now + Duration::from_secs(1);
        assert_eq!(lanes.admit_at(&delivery(99, "@slack-a", "slack"), later), Admitted::Now);
    }
}
