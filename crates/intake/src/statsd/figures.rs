//! Counters of the listeners and what was refused, with the last ten examples.

use oriel_model::{Example, Reason, Rejections};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Examples kept of refused lines (CONTRACT: the last ten).
const EXAMPLES: usize = 10;

/// One listener's state and counters.
#[derive(Debug)]
pub(super) struct Listener {
    name: &'static str,
    address: String,
    error: Option<String>,
    receive_buffer_bytes: usize,
    pub(super) packets: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) lines: AtomicU64,
    /// Datagrams longer than the buffer: their last line is lost.
    pub(super) truncated: AtomicU64,
    /// Datagrams that the kernel dropped because the receive buffer was full.
    pub(super) dropped: AtomicU64,
    /// Streams that broke the framing.
    pub(super) broken_streams: AtomicU64,
}

impl Listener {
    pub(super) fn running(name: &'static str, address: String, receive_buffer_bytes: usize) -> Self {
        Self {
            name,
            address,
            error: None,
            receive_buffer_bytes,
            packets: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            lines: AtomicU64::new(0),
            truncated: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            broken_streams: AtomicU64::new(0),
        }
    }

    pub(super) fn failed(name: &'static str, address: String, error: String) -> Self {
        Self { error: Some(error), ..Self::running(name, address, 0) }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    fn figures(&self) -> ListenerFigures {
        let of = |n: &AtomicU64| n.load(Ordering::Relaxed);
        ListenerFigures {
            name: self.name,
            address: self.address.clone(),
            error: self.error.clone(),
            receive_buffer_bytes: self.receive_buffer_bytes,
            packets: of(&self.packets),
            bytes: of(&self.bytes),
            lines: of(&self.lines),
            truncated: of(&self.truncated),
            dropped: of(&self.dropped),
            broken_streams: of(&self.broken_streams),
        }
    }
}

/// One listener, as settings show it.
#[derive(Clone, Debug, serde::Serialize)]
pub struct ListenerFigures {
    pub name: &'static str,
    pub address: String,
    /// Why it is not listening.
    pub error: Option<String>,
    pub receive_buffer_bytes: usize,
    pub packets: u64,
    pub bytes: u64,
    pub lines: u64,
    pub truncated: u64,
    pub dropped: u64,
    pub broken_streams: u64,
}

/// Everything since the start.
#[derive(Clone, Debug, serde::Serialize)]
pub struct StatsdFigures {
    pub packets: u64,
    pub bytes: u64,
    pub lines: u64,
    pub dropped: u64,
    pub contexts: usize,
    /// Flushes that the sink took, and those that were lost because it refused them or was away for too long.
    pub flushes: u64,
    pub flushes_lost: u64,
    /// Refused lines by [`Reason::as_str`].
    pub refused: Vec<(&'static str, u64)>,
    /// The last ten refused lines: reason and text.
    pub examples: Vec<(&'static str, String)>,
    pub listeners: Vec<ListenerFigures>,
}

/// Running sums.
#[derive(Debug, Default)]
pub(super) struct Tally {
    refused: Vec<(Reason, u64)>,
    examples: VecDeque<Example>,
    pub(super) flushes: u64,
    pub(super) flushes_lost: u64,
}

impl Tally {
    pub(super) fn refused(&mut self, rejections: &Rejections) {
        for &(reason, n) in rejections.counts() {
            match self.refused.iter_mut().find(|(r, _)| *r == reason) {
                Some((_, sum)) => *sum += n,
                None => self.refused.push((reason, n)),
            }
        }
        for example in rejections.examples() {
            if self.examples.len() == EXAMPLES {
                self.examples.pop_front();
            }
            self.examples.push_back(example.clone());
        }
    }

    pub(super) fn figures(&self, contexts: usize, listeners: &[Arc<Listener>]) -> StatsdFigures {
        let listeners: Vec<ListenerFigures> = listeners.iter().map(|l| l.figures()).collect();
        let sum = |of: fn(&ListenerFigures) -> u64| listeners.iter().map(of).sum();
        StatsdFigures {
            packets: sum(|l| l.packets),
            bytes: sum(|l| l.bytes),
            lines: sum(|l| l.lines),
            dropped: sum(|l| l.dropped),
            contexts,
            flushes: self.flushes,
            flushes_lost: self.flushes_lost,
            refused: self.refused.iter().map(|(r, n)| (r.as_str(), *n)).collect(),
            examples: self.examples.iter().map(|e| (e.reason.as_str(), e.text.clone())).collect(),
            listeners,
        }
    }
}
