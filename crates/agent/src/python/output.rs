//! What checks print: lines into the log, bounded in length and number. The pipes are always read, so that a check that
//! prints without end is slowed down and holds up nothing.

use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Longest line kept.
const LINE_BYTES_MAX: usize = 2048;
/// Lines logged in one window; the rest is counted.
const LINES_MAX: u32 = 100;
const WINDOW: Duration = Duration::from_secs(10);
/// Bytes taken in one window before reading slows down to one piece each pause.
const BYTES_FREE: usize = 4 << 20;
const PAUSE: Duration = Duration::from_millis(20);

/// Counts what may still be logged in this window.
#[derive(Debug)]
pub(super) struct Budget {
    since: Instant,
    lines: u32,
    bytes: usize,
    left_out: u64,
}

impl Budget {
    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, lines: 0, bytes: 0, left_out: 0 }
    }

    /// Whether one more line may be logged; after a window with lines left out, how many those were.
    pub(super) fn line(&mut self, now: Instant) -> (bool, Option<u64>) {
        let mut told = None;
        if now.duration_since(self.since) >= WINDOW {
            told = (self.left_out > 0).then_some(self.left_out);
            *self = Self::new(now);
        }
        self.lines += 1;
        let may = self.lines <= LINES_MAX;
        self.left_out += u64::from(!may);
        (may, told)
    }
}

/// Reads a pipe to its end.
pub(super) async fn drain(mut pipe: impl AsyncRead + Unpin, stream: &'static str) {
    let mut budget = Budget::new(Instant::now());
    let mut piece = vec![0; 64 << 10];
    let mut line: Vec<u8> = Vec::new();
    loop {
        let n = match pipe.read(&mut piece).await {
            Ok(0) | Err(_) => break,
            Ok(n) => n,
        };
        for part in piece[..n].split_inclusive(|b| *b == b'\n') {
            let room = LINE_BYTES_MAX.saturating_sub(line.len());
            line.extend_from_slice(&part[..part.len().min(room)]);
            if part.ends_with(b"\n") {
                emit(&mut line, stream, &mut budget);
            }
        }
        budget.bytes += n;
        if budget.bytes > BYTES_FREE {
            tokio::time::sleep(PAUSE).await;
        }
    }
    emit(&mut line, stream, &mut budget);
}

fn emit(line: &mut Vec<u8>, stream: &'static str, budget: &mut Budget) {
    let text = String::from_utf8_lossy(line).trim_end().to_owned();
    line.clear();
    if text.is_empty() {
        return;
    }
    let (may, left_out) = budget.line(Instant::now());
    if let Some(lines) = left_out {
        tracing::warn!(target: "oriel_agent::python", lines, stream, "lines that checks printed were left out");
    }
    if may {
        tracing::info!(target: "oriel_agent::python", stream, "{text}");
    }
}

#[cfg(test)]
mod tests;
