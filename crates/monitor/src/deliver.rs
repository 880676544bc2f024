//! The notifier: renders new notices once, and brings them to their channels.
//!
//! ```text
//! notices `new` ─▶ render (one at a time, off the runtime) ─▶ one transaction: content, chart, deliveries
//! deliveries due ─▶ lanes (one a handle) ─▶ send ─▶ sent, or later with back-off, or failed
//! ```
//! What is stored is the truth: after a crash only a delivery that was being sent is sent again, with the same key. A group's
//! notices go to a handle in their order. Times are of the clock given, so that tests may hurry.

mod backoff;
mod lanes;
mod ledger;
mod preview;
mod rendering;
mod resolve;

pub use preview::{PreviewHandle, Previewed};
pub use resolve::{Channel, Directory, Found, MAIL_SETTING};

use crate::channel::{Destination, MailSettings, Message, SendError, Sender};
use crate::content::Content;
use crate::runtime::{Committed, Follower};
use crate::source::Source;
use crate::{Result, handle};
use base64::Engine as _;
use lanes::Lanes;
use ledger::{Ledger, Place};
use oriel_model::{Clock, OrgId};
use oriel_state::{Delivery, DeliveryOutcome, State};
use parking_lot::Mutex;
use rand::RngExt;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};

/// New notices that one look takes.
const NEW_MAX: i64 = 200;
/// Beyond so many that wait, notices are rendered without chart and rows: a storm is told in time rather than in full.
const EVIDENCE_MAX: usize = 50;
/// Due deliveries of one handle that one look takes: what its lane sends in a second or more.
const DUE_MAX: i64 = 64;
/// Notices that are rendered and kept together in a storm; else each goes out as soon as it is rendered.
const BATCH_MAX: usize = 20;
/// Deliveries that are being sent at once: room for each kind of channel, so that none waits for another.
const SENDING_MAX: usize = lanes::KIND_MAX * (handle::Kind::ALL.len() + 1);
/// Where there is no room the loop waits for an attempt's end, which wakes it, and looks this often.
const FULL: Duration = Duration::from_secs(1);
/// While outcomes can't be written down, it is tried this often.
const UNWRITTEN_MS: i64 = 5_000;
/// A clock that is put back by less delays deliveries by no more.
const STEP_MS_MIN: i64 = 2_000;
/// No pause is longer: what is due later was written down by a clock that was wrong. The longest pause spread by a quarter, and more.
const PAUSE_MS_MAX: i64 = 2 * 3_600_000;
/// Without a wake the notifier looks this often, of the clock's time.
const LOOK_MS: i64 = 15_000;
/// Looks follow each other at least this far apart, of the world's time: each reads a table.
const PAUSE: Duration = Duration::from_millis(20);
/// How long leaving waits for what is being sent.
const LEAVE: Duration = Duration::from_secs(5);
/// Old notices are looked for this often.
const PRUNE_MS: i64 = 3_600_000;

/// What the notifier is set up with.
#[derive(Clone, Debug, Default)]
pub struct NotifierOptions {
    /// How people reach the pages.
    pub base_url: String,
    /// Whether channels may lead into the server's own network.
    pub allow_private: bool,
    /// Mail settings of the binary, for organisations that have none of their own.
    pub mail: Option<MailSettings>,
}

/// See the module's head.
pub struct Notifier {
    state: Arc<State>,
    source: Arc<dyn Source>,
    clock: Arc<dyn Clock>,
    options: NotifierOptions,
    sender: Sender,
    wake: Notify,
    stop: watch::Sender<bool>,
    running: Mutex<Option<JoinHandle<()>>>,
    lanes: Arc<Mutex<Lanes>>,
    ledger: Ledger,
    /// After a chart that took too long, notices go without until then.
    evidence_rests_until: Mutex<Option<Instant>>,
}

impl Notifier {
    pub fn new(
        state: Arc<State>,
        source: Arc<dyn Source>,
        clock: Arc<dyn Clock>,
        options: NotifierOptions,
    ) -> Result<Arc<Self>> {
        Ok(Arc::new(Self {
            sender: Sender::new(options.allow_private)?,
            state,
            source,
            clock,
            options,
            wake: Notify::new(),
            stop: watch::Sender::new(false),
            running: Mutex::default(),
            lanes: Arc::default(),
            ledger: Ledger::default(),
            evidence_rests_until: Mutex::default(),
        }))
    }

    /// Begins to deliver. Must be called inside a tokio runtime, once.
    pub fn start(self: &Arc<Self>) {
        let this = Arc::clone(self);
        *self.running.lock() = Some(tokio::spawn(this.run()));
    }

    /// There are new notices, or deliveries to retry.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Stops; what is being sent has a few seconds to finish.
    pub async fn stop(&self) {
        let _ = self.stop.send(true);
        let running = self.running.lock().take();
        if let Some(running) = running {
            let _ = tokio::time::timeout(LEAVE + Duration::from_secs(1), running).await;
        }
    }

    async fn run(self: Arc<Self>) {
        let mut stopped = self.stop.subscribe();
        let mut sending: JoinSet<()> = JoinSet::new();
        let mut pruned_ms = i64::MIN;
        let mut last_ms = i64::MAX;
        while !*stopped.borrow() {
            last_ms = self.mind_the_clock(last_ms).await;
            let wait = match self.look(&mut sending).await {
                Ok(wait) => wait,
                Err(e) => {
                    tracing::error!("notices can't be read: {e}");
                    self.clock.sleep(LOOK_MS)
                }
            };
            let now = self.clock.now_ms();
            if now.saturating_sub(pruned_ms) >= PRUNE_MS {
                pruned_ms = now;
                if let Err(e) = self.state.prune_notices().await {
                    tracing::warn!("old notices can't be taken out: {e}");
                }
            }
            tokio::select! {
                _ = stopped.changed() => break,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(wait.max(PAUSE)) => {}
            }
            tokio::time::sleep(PAUSE).await;
            while sending.try_join_next().is_some() {}
        }
        let all = async { while sending.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(LEAVE, all).await;
    }

    /// At the start, and when the clock was put back, deliveries may be due far in the future: they are due at once.
    async fn mind_the_clock(&self, last_ms: i64) -> i64 {
        let now = self.clock.now_ms();
        if now < last_ms.saturating_sub(STEP_MS_MIN) {
            let beyond = if last_ms == i64::MAX { now + PAUSE_MS_MAX } else { now };
            match self.state.hurry_deliveries_beyond(beyond).await {
                Ok(0) => {}
                Ok(n) => tracing::warn!(n, "the clock was put back: deliveries that wait are tried at once"),
                Err(e) => tracing::error!("deliveries can't be hurried: {e}"),
            }
        }
        now
    }

    /// One look: renders what is new, begins to send what is due; says when to look again.
    async fn look(self: &Arc<Self>, sending: &mut JoinSet<()>) -> Result<Duration> {
        let new = self.state.new_notices(NEW_MAX).await?;
        let has_evidence = new.len() <= EVIDENCE_MAX;
        for batch in new.chunks(if has_evidence { 1 } else { BATCH_MAX }) {
            if *self.stop.borrow() {
                return Ok(Duration::ZERO);
            }
            self.render(batch, has_evidence).await?;
            // What is rendered goes out while others are rendered.
            self.begin(sending).await?;
        }
        let wait_for_lanes = self.begin(sending).await?;
        if i64::try_from(new.len()).is_ok_and(|n| n == NEW_MAX) {
            return Ok(Duration::ZERO);
        }
        let until = match self.state.next_delivery_ms().await? {
            Some(next) => (next - self.clock.now_ms()).clamp(0, LOOK_MS),
            None => LOOK_MS,
        };
        let wait = self.clock.sleep(until);
        Ok(wait_for_lanes.map_or(wait, |lanes| lanes.max(PAUSE)))
    }

    /// Begins to send what is due and has room in its lane; says how long a full lane needs.
    async fn begin(self: &Arc<Self>, sending: &mut JoinSet<()>) -> Result<Option<Duration>> {
        while sending.try_join_next().is_some() {}
        if !self.ledger.settle(&self.state).await {
            return Ok(Some(self.clock.sleep(UNWRITTEN_MS)));
        }
        if sending.len() >= SENDING_MAX {
            return Ok(Some(FULL));
        }
        let due = self.state.due_deliveries(DUE_MAX).await?;
        // Before a lane is taken: an error here must leave none taken.
        let directories = self.directories(due.iter().map(|delivery| delivery.org)).await?;
        let mut wait: Option<Duration> = None;
        for delivery in due {
            if sending.len() >= SENDING_MAX {
                return Ok(Some(FULL));
            }
            let Some(directory) = directories.get(&delivery.org).map(Arc::clone) else { continue };
            let admitted = self.lanes.lock().admit(&delivery);
            match admitted {
                lanes::Admitted::Now => {
                    let this = Arc::clone(self);
                    let place = Place { lanes: Arc::clone(&self.lanes), delivery };
                    sending.spawn(async move {
                        this.deliver(&place.delivery, &directory).await;
                        drop(place);
                        this.wake();
                    });
                }
                lanes::Admitted::Sending => wait = Some(wait.unwrap_or(FULL)),
                lanes::Admitted::Later(later) => wait = Some(wait.map_or(later, |w| w.min(later))),
            }
        }
        Ok(wait)
    }

    async fn deliver(&self, delivery: &Delivery, directory: &Directory) {
        // It was read before its lane was taken: another attempt may have ended in between.
        if self.ledger.has(delivery) {
            return;
        }
        match self.state.is_still_due(delivery).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(e) => return tracing::error!(key = delivery.key, "a delivery can't be read: {e}"),
        }
        let result = self.attempt(delivery, directory).await;
        let outcome = match result {
            Ok(()) => DeliveryOutcome::Sent,
            Err(SendError::Refused(error)) => DeliveryOutcome::Failed { error },
            Err(SendError::Later { why, after }) => {
                if let Some(after) = after {
                    let rest_ms = i64::try_from(after.as_millis()).unwrap_or(0);
                    self.lanes.lock().rest(delivery, self.clock.sleep(rest_ms));
                }
                let now = self.clock.now_ms();
                match backoff::next_ms(delivery, now, after) {
                    Some(next_ms) => DeliveryOutcome::Later { next_ms, error: why },
                    None => DeliveryOutcome::Failed { error: format!("given up after a day: {why}") },
                }
            }
        };
        if let DeliveryOutcome::Later { error, .. } | DeliveryOutcome::Failed { error } = &outcome {
            let (key, handle) = (&delivery.key, &delivery.handle);
            tracing::warn!(key, handle, attempt = delivery.attempts + 1, "a notice was not taken: {error}");
        }
        let is_back = outcome == DeliveryOutcome::Sent && delivery.attempts > 0;
        self.ledger.keep(&self.state, delivery, outcome).await;
        // What else waits for this receiver need not wait for the end of its pause.
        if is_back && let Err(e) = self.state.hurry_deliveries(delivery.org, &delivery.handle).await {
            tracing::warn!(key = delivery.key, "what waits for the same receiver can't be hurried: {e}");
        }
    }

    async fn attempt(
        &self,
        delivery: &Delivery,
        directory: &Directory,
    ) -> std::result::Result<(), SendError> {
        let internal = |e: &dyn std::fmt::Display| SendError::later(e.to_string());
        let stored = self.state.notice(delivery.org, &delivery.key).await.map_err(|e| internal(&e))?;
        let content: Content = serde_json::from_str(stored.content.as_deref().unwrap_or_default())
            .map_err(|e| SendError::Refused(format!("what was rendered can't be read: {e}")))?;
        let chart = self.chart(delivery.org, &delivery.key).await.map_err(|e| internal(&e))?;
        let found = directory.resolve(&delivery.handle);
        let destination = match found.destination {
            Ok(destination) => destination,
            Err(why) if found.is_unknown => return Err(SendError::Refused(why)),
            Err(why) => return Err(SendError::later(why)),
        };
        let message = Message { content: &content, chart: chart.as_deref(), now_ms: self.clock.now_ms() };
        self.sender.send(&destination, &message).await
    }

    /// The chart of a notice as PNG.
    pub async fn chart(&self, org: OrgId, key: &str) -> Result<Option<Vec<u8>>> {
        let chart = self.state.notice_chart(org, key).await?;
        Ok(chart.and_then(|text| base64::engine::general_purpose::STANDARD.decode(text).ok()))
    }

    /// Of each organisation once.
    async fn directories(&self, orgs: impl Iterator<Item = OrgId>) -> Result<HashMap<OrgId, Arc<Directory>>> {
        let orgs: BTreeSet<OrgId> = orgs.collect();
        let mut found = HashMap::with_capacity(orgs.len());
        for org in orgs {
            found.insert(org, Arc::new(self.directory(org).await?));
        }
        Ok(found)
    }

    /// Everybody that handles of an organisation name.
    pub async fn directory(&self, org: OrgId) -> Result<Directory> {
        Directory::load(&self.state, org, self.options.mail.as_ref()).await
    }

    /// Sends a test to a destination at once, once.
    pub async fn test(
        &self,
        org: OrgId,
        name: &str,
        destination: &Destination,
    ) -> std::result::Result<(), SendError> {
        let now_ms = self.clock.now_ms();
        let content = preview::test_content(org, name, now_ms, &self.options.base_url, &*self.source);
        self.sender.send(destination, &Message { content: &content, chart: None, now_ms }).await
    }
}

impl Follower for Notifier {
    fn committed(&self, _: OrgId, _: &[Committed]) {
        self.wake();
    }
}

/// 128 random bits as hexadecimal digits.
fn token() -> String {
    let bytes: [u8; 16] = rand::rng().random();
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests;
