//! What a check is to the scheduler: something that runs now and then and says what it saw.
//!
//! A run gives its samples *and* possibly a failure: what a check submitted before it failed counts, as in the Datadog
//! agent. A check never touches time series, sinks or other checks.

use oriel_model::{CheckStatus, Event};
use std::future::Future;
use std::pin::Pin;

/// How a sample is to be understood; the words are those of `AgentCheck`'s methods.
pub(crate) use oriel_model::CheckKind as SampleKind;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) kind: SampleKind,
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) tags: Vec<String>,
    /// Empty: the agent's host.
    pub(crate) host: String,
    /// A monotonic count's first value counts too.
    pub(crate) flush_first: bool,
}

/// One bucket of a histogram that the check reads somewhere else.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) count: i64,
    pub(crate) lower: f64,
    pub(crate) upper: f64,
    pub(crate) monotonic: bool,
    pub(crate) tags: Vec<String>,
    pub(crate) host: String,
    pub(crate) flush_first: bool,
}

/// A service check as a check submits it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Signal {
    pub(crate) check: String,
    pub(crate) status: CheckStatus,
    pub(crate) tags: Vec<String>,
    pub(crate) host: String,
    pub(crate) message: String,
}

/// Why a run failed, in words for the person who wrote the check or its configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) file: Option<String>,
    pub(crate) line: Option<u32>,
    pub(crate) hint: Option<String>,
    /// The check waits for something (an environment that is being made): shown as pending, not as an error.
    pub(crate) pending: bool,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// What one run gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Run {
    pub(crate) samples: Vec<Sample>,
    pub(crate) buckets: Vec<Bucket>,
    pub(crate) signals: Vec<Signal>,
    pub(crate) events: Vec<Event>,
    pub(crate) warnings: Vec<String>,
    pub(crate) failure: Option<Failure>,
}

impl Run {
    /// Samples of one run that are kept; the base library's own default limit is unbounded, a host has a few thousand.
    pub(crate) const SAMPLES_MAX: usize = 500_000;

    pub(crate) fn failed(failure: Failure) -> Self {
        Self { failure: Some(failure), ..Self::default() }
    }

    pub(crate) fn gauge(&mut self, name: &str, value: f64, tags: &[String]) {
        self.push(SampleKind::Gauge, name, value, tags);
    }

    pub(crate) fn rate(&mut self, name: &str, value: f64, tags: &[String]) {
        self.push(SampleKind::Rate, name, value, tags);
    }

    pub(crate) fn push(&mut self, kind: SampleKind, name: &str, value: f64, tags: &[String]) {
        if self.samples.len() < Self::SAMPLES_MAX {
            self.samples.push(Sample {
                kind,
                name: name.to_owned(),
                value,
                tags: tags.to_vec(),
                host: String::new(),
                flush_first: false,
            });
        }
    }

    pub(crate) fn warn(&mut self, text: impl Into<String>) {
        /// Warnings shown of one run; more say nothing new.
        const WARNINGS_MAX: usize = 20;
        if self.warnings.len() < WARNINGS_MAX {
            self.warnings.push(text.into());
        }
    }
}

pub(crate) type RunFuture<'a> = Pin<Box<dyn Future<Output = Run> + Send + 'a>>;

/// One configured instance of a check. Dropping it frees whatever it holds.
pub(crate) trait Check: Send {
    fn run(&mut self) -> RunFuture<'_>;
}
