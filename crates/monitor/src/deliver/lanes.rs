//! One lane a handle: a slow or limited receiver holds up nobody else, nor do many receivers behind one slow server.

use crate::handle::Kind;
use oriel_model::OrgId;
use oriel_state::Delivery;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// Deliveries to one handle that are being sent at once.
const LANE_MAX: usize = 4;
/// Deliveries by one kind of channel that are being sent at once: a mail server that hangs takes no room from the chats, however
/// many addresses wait for it.
pub(super) const KIND_MAX: usize = 12;
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
    /// The receiver asked for rest until then.
    rests_until: Option<Instant>,
}

/// See the module's head. Lanes without traffic are dropped.
#[derive(Default)]
pub(super) struct Lanes {
    lanes: HashMap<(OrgId, String), Lane>,
    /// By kind of channel, how many are being sent.
    kinds: HashMap<String, usize>,
    sending: HashSet<(OrgId, String, String)>,
}

impl Lanes {
    pub(super) fn admit(&mut self, delivery: &Delivery) -> Admitted {
        self.admit_at(delivery, Instant::now())
    }

    fn admit_at(&mut self, delivery: &Delivery, now: Instant) -> Admitted {
        let id = (delivery.org, delivery.key.clone(), delivery.handle.clone());
        let of_kind = self.kinds.get(&delivery.channel).copied().unwrap_or(0);
        if of_kind >= KIND_MAX || self.sending.contains(&id) {
            return Admitted::Sending;
        }
        let rate = per_second(&delivery.channel);
        let lane = self.lanes.entry((delivery.org, delivery.handle.clone())).or_insert(Lane {
            sending: 0,
            tokens: BURST,
            filled: now,
            rests_until: None,
        });
        lane.tokens = (lane.tokens + now.duration_since(lane.filled).as_secs_f64() * rate).min(BURST);
        lane.filled = now;
        if let Some(rest) = lane.rests_until.map(|until| until.saturating_duration_since(now))
            && !rest.is_zero()
        {
            return Admitted::Later(rest);
        }
        if lane.sending >= LANE_MAX {
            return Admitted::Sending;
        }
        if lane.tokens < 1.0 {
            return Admitted::Later(Duration::from_secs_f64((1.0 - lane.tokens) / rate));
        }
        lane.tokens -= 1.0;
        lane.sending += 1;
        *self.kinds.entry(delivery.channel.clone()).or_insert(0) += 1;
        self.sending.insert(id);
        Admitted::Now
    }

    /// The receiver asked for rest: nothing goes to this handle for so long, of the world's time.
    pub(super) fn rest(&mut self, delivery: &Delivery, rest: Duration) {
        if let Some(lane) = self.lanes.get_mut(&(delivery.org, delivery.handle.clone())) {
            lane.rests_until = Some(Instant::now() + rest);
        }
    }

    pub(super) fn done(&mut self, delivery: &Delivery) {
        self.sending.remove(&(delivery.org, delivery.key.clone(), delivery.handle.clone()));
        if let Some(of_kind) = self.kinds.get_mut(&delivery.channel) {
            *of_kind = of_kind.saturating_sub(1);
        }
        if let Some(lane) = self.lanes.get_mut(&(delivery.org, delivery.handle.clone())) {
            lane.sending = lane.sending.saturating_sub(1);
        }
        let now = Instant::now();
        self.lanes.retain(|_, lane| {
            let is_fresh = now.duration_since(lane.filled) < Duration::from_secs(60);
            is_fresh || lane.sending > 0 || lane.rests_until.is_some_and(|until| until > now)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{Admitted, KIND_MAX, Lanes};
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

    #[test]
    fn a_hundred_addresses_behind_a_server_that_hangs_leave_room_for_a_chat() {
        let mut lanes = Lanes::default();
        let now = Instant::now();
        let admitted = (0..100)
            .filter(|n| lanes.admit_at(&delivery(*n, &format!("@{n}@x.org"), "email"), now) == Admitted::Now);
        assert_eq!(admitted.count(), KIND_MAX);
        assert_eq!(lanes.admit_at(&delivery(0, "@slack-a", "slack"), now), Admitted::Now);
        lanes.done(&delivery(0, "@0@x.org", "email"));
        assert_eq!(lanes.admit_at(&delivery(50, "@50@x.org", "email"), now), Admitted::Now);
    }

    #[test]
    fn a_receiver_that_asks_for_rest_gets_it_for_all_that_waits() {
        let mut lanes = Lanes::default();
        let now = Instant::now();
        assert_eq!(lanes.admit_at(&delivery(0, "@slack-a", "slack"), now), Admitted::Now);
        lanes.rest(&delivery(0, "@slack-a", "slack"), Duration::from_secs(30));
        lanes.done(&delivery(0, "@slack-a", "slack"));
        let later = |lanes: &mut Lanes, s| {
            lanes.admit_at(&delivery(1, "@slack-a", "slack"), now + Duration::from_secs(s))
        };
        assert!(matches!(later(&mut lanes, 1), Admitted::Later(rest) if rest > Duration::from_secs(20)));
        assert_eq!(later(&mut lanes, 60), Admitted::Now);
    }
}
