//! New notices become content and deliveries. Whatever goes wrong with one (a query that hangs, a document that nothing can be made
//! of), it is told with less, and the others are told.

use super::{Directory, Notifier, token};
use crate::content::{self, Content, Member, Setting};
use crate::handle;
use crate::notice::Notice;
use crate::picture::PictureFacts;
use crate::rule::{Rule, Target};
use crate::source::{Difference, Source};
use crate::status::{GroupState, Status};
use crate::{Error, Result};
use base64::Engine as _;
use oriel_model::{OrgId, Row, ServiceCheck, Signal, TimeRange};
use oriel_query::{Outcome, Request};
use oriel_state::{NewDelivery, RenderedNotice, StoredNotice};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Chart, rows and differences of one notice may take so long; then it goes out without.
const EVIDENCE_WAIT: Duration = Duration::from_secs(10);
/// After that, others go without, too, before it is tried again.
const EVIDENCE_REST: Duration = Duration::from_secs(60);

impl Notifier {
    /// Renders notices, keeps them and owes their deliveries.
    pub(super) async fn render(self: &Arc<Self>, batch: &[StoredNotice], has_evidence: bool) -> Result<()> {
        let mut rendered = Vec::with_capacity(batch.len());
        let directories = self.directories(batch.iter().map(|stored| stored.org)).await?;
        for stored in batch {
            let Some(directory) = directories.get(&stored.org) else { continue };
            rendered.push(self.rendered(stored, directory, has_evidence).await);
        }
        Ok(self.state.keep_rendered(&rendered).await?)
    }

    async fn rendered<'a>(
        self: &Arc<Self>,
        stored: &'a StoredNotice,
        directory: &Directory,
        has_evidence: bool,
    ) -> RenderedNotice<'a> {
        let nothing = || RenderedNotice {
            notice: stored,
            content: "{}".to_owned(),
            chart: None,
            deliveries: Vec::new(),
        };
        let Ok(notice) = serde_json::from_str::<Notice>(&stored.body) else {
            tracing::error!(key = stored.key, "a notice can't be read; it is left out");
            return nothing();
        };
        let Some((content, chart)) = self.content(notice, has_evidence).await else {
            tracing::error!(key = stored.key, "nothing can be made of a notice; it is left out");
            return nothing();
        };
        let Ok(text) = serde_json::to_string(&content) else { return nothing() };
        let chart = chart.map(|png| base64::engine::general_purpose::STANDARD.encode(png));
        RenderedNotice { notice: stored, content: text, chart, deliveries: deliveries(&content, directory) }
    }

    /// The content in full, else without what is read for it, else of the bare facts.
    async fn content(
        self: &Arc<Self>,
        notice: Notice,
        has_evidence: bool,
    ) -> Option<(Content, Option<Vec<u8>>)> {
        let members = self.members(&notice).await;
        let rests = self.evidence_rests_until.lock().is_some_and(|until| until > Instant::now());
        if has_evidence && !rests {
            match tokio::time::timeout(
                EVIDENCE_WAIT,
                self.rendering(notice.clone(), members.clone(), true, Arc::clone(&self.source)),
            )
            .await
            {
                Ok(Ok(made)) => return Some(made),
                Ok(Err(e)) => tracing::error!(key = notice.key, "a notice was not rendered in full: {e}"),
                Err(_) => {
                    *self.evidence_rests_until.lock() = Some(Instant::now() + EVIDENCE_REST);
                    tracing::warn!(
                        key = notice.key,
                        "a chart took too long; notices go without for a minute"
                    );
                }
            }
        }
        match self.rendering(notice.clone(), members, false, Arc::clone(&self.source)).await {
            Ok(made) => return Some(made),
            Err(e) => tracing::error!(key = notice.key, "a notice was not rendered: {e}"),
        }
        self.rendering(bare(notice), Vec::new(), false, Arc::new(Nothing)).await.ok()
    }

    async fn rendering(
        self: &Arc<Self>,
        notice: Notice,
        members: Vec<Member>,
        has_evidence: bool,
        source: Arc<dyn Source>,
    ) -> Result<(Content, Option<Vec<u8>>)> {
        let picture = if has_evidence { self.picture(&notice).await } else { PictureFacts::default() };
        let this = Arc::clone(self);
        let blocking = tokio::task::spawn_blocking(move || {
            let setting = Setting {
                source: &*source,
                base_url: &this.options.base_url,
                token: token(),
                has_evidence,
                picture,
                members,
            };
            content::render(&notice, &setting)
        });
        blocking.await.map_err(|e| Error::Source(e.to_string()))
    }

    /// Histories that the notice's chart shows.
    async fn picture(&self, notice: &Notice) -> PictureFacts {
        let Ok(rule) = Rule::parse(&notice.body) else { return PictureFacts::default() };
        let range = crate::picture::range(&rule, notice.transition.at_ms);
        let loaded = PictureFacts::load(&self.state, notice.org(), &rule, range, Some(notice.monitor)).await;
        loaded.unwrap_or_else(|e| {
            tracing::warn!(monitor = notice.monitor, "what the chart of a notice needs can't be read: {e}");
            PictureFacts::default()
        })
    }

    /// Members of a composite, as they are now.
    pub(super) async fn members(&self, notice: &Notice) -> Vec<Member> {
        let Ok(rule) = Rule::parse(&notice.body) else { return Vec::new() };
        let Target::Composite(composite) = &rule.target else { return Vec::new() };
        let mut members = Vec::new();
        for id in &composite.monitors {
            let groups = self.state.groups_of_monitor(notice.org(), *id).await.unwrap_or_default();
            let states: Vec<(String, GroupState)> = groups
                .into_iter()
                .filter_map(|(group, body)| Some((group, serde_json::from_str(&body).ok()?)))
                .collect();
            let same = states.iter().find(|(group, _)| **group == *notice.transition.group);
            let worst = || states.iter().max_by_key(|(_, state)| state.status.severity());
            let state = same.or_else(worst).map(|(_, state)| state.clone());
            let monitor = self.state.monitor(notice.org(), *id).await.ok();
            let rule = monitor.as_ref().map(|m| Rule::parse(&m.body));
            let name = monitor.and_then(|m| m.body.get("name").and_then(|v| v.as_str()).map(str::to_owned));
            members.push(Member {
                id: *id,
                name: name.unwrap_or_default(),
                status: state.as_ref().map_or(Status::Ok, |s| s.status),
                value: state.and_then(|s| s.value),
                rule: rule.and_then(|rule| rule.ok()),
            });
        }
        members
    }
}

/// Every handle's receivers, each once.
fn deliveries(content: &Content, directory: &Directory) -> Vec<NewDelivery> {
    let mut made: Vec<NewDelivery> = Vec::new();
    for handle in &content.handles {
        for handle in directory.receivers(handle) {
            if made.iter().any(|d| d.handle.eq_ignore_ascii_case(&handle)) {
                continue;
            }
            let found = directory.resolve(&handle);
            let channel = found.kind.map_or("unknown", handle::Kind::as_str).to_owned();
            made.push(NewDelivery {
                handle,
                channel,
                error: found.destination.err().filter(|_| found.is_unknown),
            });
        }
    }
    made
}

/// Where nothing is read.
struct Nothing;

impl Source for Nothing {
    fn run(&self, _: OrgId, _: &Request) -> Result<Vec<Outcome>> {
        Ok(Vec::new())
    }

    fn check_runs(&self, _: OrgId, _: &str, _: TimeRange) -> Result<Vec<ServiceCheck>> {
        Ok(Vec::new())
    }

    fn rows(&self, _: OrgId, _: (Signal, &str), _: TimeRange, _: usize) -> Result<Vec<Row>> {
        Ok(Vec::new())
    }

    fn differences(
        &self,
        _: OrgId,
        _: (Signal, &str),
        _: TimeRange,
        _: TimeRange,
    ) -> Result<Vec<Difference>> {
        Ok(Vec::new())
    }

    fn host(&self, _: OrgId, _: &str) -> Option<serde_json::Value> {
        None
    }
}

/// The notice with nothing to fill in: whom its message names, and that it could not be filled in.
fn bare(mut notice: Notice) -> Notice {
    let message = notice.body.get("message").and_then(|v| v.as_str()).unwrap_or_default();
    let handles: Vec<String> = handle::scan(message, &[]).into_iter().map(|spot| spot.handle).collect();
    let message = format!("The monitor's message could not be filled in. {}", handles.join(" "));
    if let Some(body) = notice.body.as_object_mut() {
        body.retain(|name, _| matches!(name.as_str(), "id" | "query" | "tags" | "priority"));
        body.insert("name".to_owned(), format!("Monitor {}", notice.monitor).into());
        body.insert("message".to_owned(), message.into());
    }
    notice
}
