//! `POST /api/ui/monitors/try`: a draft over days of stored data, as server-sent events: `progress` now and then, `result` at the
//! end, `error` instead of it. Closing the connection ends the run.

use super::preview::Draft;
use crate::answer::{Answer, Failure};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Payload;
use crate::query::CancelOnDrop;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt};
use oriel_model::{OrgId, TimeRange};
use oriel_monitor::replay::{Replay, Replayed, Tried, suggestions};
use oriel_monitor::status::Transition;
use oriel_monitor::watch::Stop;
use oriel_monitor::{Error, Rule};
use oriel_query::Cancel;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// A run ends after this, and says so: a month of a large query.
const PATIENCE: Duration = Duration::from_secs(300);
/// Between two messages of progress.
const TOLD: Duration = Duration::from_millis(100);
/// Messages that may wait for a slow reader; progress is left out then.
const WAITING: usize = 8;

pub(crate) async fn try_past(State(app): State<Arc<App>>, reader: Reader, body: Payload) -> Answer<Response> {
    let draft = Draft::read(&body)?;
    let range = super::graph::range(draft.from_ms, draft.to_ms.min(app.now_ms()))?;
    let rule = Rule::parse(&draft.monitor)?;
    Replay { org: reader.org, rule: &rule, range }.moments()?;
    let permit =
        app.monitoring.runtime()?.trials().try_acquire_owned().map_err(|_| {
            Failure::busy("two monitors are being tried already; try again when one is done", 5)
        })?;
    let (send, receive) = mpsc::channel(WAITING);
    let cancel = Cancel::default();
    let guard = CancelOnDrop(cancel.clone());
    let trial = Trial { org: reader.org, rule, range, cancel, send };
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        trial.run(&app);
    });
    let events = stream::unfold((receive, guard), |(mut receive, guard)| async move {
        let event: Event = receive.recv().await?;
        Some((Ok::<_, Infallible>(event), (receive, guard)))
    });
    // Keep-alive asks on after the end.
    let events = events.fuse();
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

struct Trial {
    org: OrgId,
    rule: Rule,
    range: TimeRange,
    cancel: Cancel,
    send: mpsc::Sender<Event>,
}

impl Trial {
    /// Blocks until it is done or called off.
    fn run(&self, app: &App) {
        let event = match self.result(app) {
            Ok(result) => Event::default().event("result").data(result.to_string()),
            Err(error) => {
                Event::default().event("error").data(json!({ "message": error.to_string() }).to_string())
            }
        };
        // Nobody listens any more when this fails.
        let _ = self.send.blocking_send(event);
    }

    fn result(&self, app: &App) -> oriel_monitor::Result<Value> {
        let runtime = app.monitoring.runtime().map_err(|f| Error::Source(f.parts().1))?;
        let stop = Stop { deadline: Some(Instant::now() + PATIENCE), cancel: self.cancel.clone() };
        let mut tried = Tried::default();
        let mut told = Instant::now();
        let replay = Replay { org: self.org, rule: &self.rule, range: self.range };
        let sum = replay.sum(&runtime.world(stop), &mut tried, &mut |done, total| {
            if told.elapsed() >= TOLD {
                told = Instant::now();
                let data = json!({ "done": done, "total": total }).to_string();
                let _ = self.send.try_send(Event::default().event("progress").data(data));
            }
            Ok(())
        })?;
        let suggestions = suggestions(&self.rule, &tried, self.range);
        let mut shown = shown(&sum, json!(suggestions));
        shown["outages"] = json!(runtime.outages(self.range));
        Ok(shown)
    }
}

fn shown(sum: &Replayed, suggestions: Value) -> Value {
    let notice =
        |t: &Transition| json!({ "at_ms": t.at_ms, "group": t.group, "kind": t.kind, "value": t.value });
    json!({
        "evaluations": sum.evaluations,
        "groups": sum.groups,
        "groups_total": sum.groups_total,
        "notices": sum.notices.iter().map(notice).collect::<Vec<_>>(),
        "totals": sum.totals,
        "suggestions": suggestions,
    })
}
