//! The journal, by `journalctl -o json --follow`: it knows every format of the journal's files, and tells a cursor for each entry.
//!
//! A cursor is kept once its entry was taken. A process that ends is started again after the last one that was.

use super::Room;
use super::config::{LogSource, Start};
use super::record::{Record, Shipped};
use super::registry::{FileId, Position};
use serde_json::{Map, Value};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::watch;
use tokio::time::Instant;

/// Entries of one request.
const BATCH: usize = 500;
/// A first entry waits so long for others.
const BATCH_WAIT: Duration = Duration::from_millis(300);
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// What is shown of its complaints.
const ERROR_BYTES: u64 = 1_000;
/// What the status calls it.
pub(crate) const NAME: &str = "journal";
/// The program; tests put their own in its place.
const PROGRAM: &str = "journalctl";
/// Syslog's severities.
const SEVERITIES: [&str; 8] = ["emergency", "alert", "critical", "error", "warn", "notice", "info", "debug"];

pub(crate) struct Journal {
    source: Arc<LogSource>,
    room: Room,
    program: String,
    path: Option<String>,
    include: Vec<String>,
    exclude: Vec<String>,
    start: Start,
    cursor: String,
}

/// An entry, and where it was.
struct Entry {
    record: Option<Record>,
    cursor: String,
}

impl Journal {
    pub(crate) fn new(
        source: Arc<LogSource>,
        room: Room,
        path: Option<String>,
        (include, exclude): (Vec<String>, Vec<String>),
        start: Start,
    ) -> Self {
        let known = room.registry.get(&source.name, FileId::default());
        let cursor = known.map(|p| p.cursor).unwrap_or_default();
        let program = PROGRAM.to_owned();
        Self { source, room, program, path, include, exclude, start, cursor }
    }

    /// Runs until told to stop.
    pub(crate) async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        let mut pause = PAUSE_MIN;
        loop {
            let begin = Instant::now();
            let Some(why) = self.follow(&mut stopped).await else { return };
            self.room.tails.change(&self.source.name, NAME, |row| row.state = why);
            if begin.elapsed() > PAUSE_MAX {
                pause = PAUSE_MIN;
            }
            tokio::select! {
                _ = stopped.wait_for(|s| *s) => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Reads until the process ends, and says why; nothing when told to stop.
    async fn follow(&mut self, stopped: &mut watch::Receiver<bool>) -> Option<String> {
        let spawned = self.command().spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(e) => return Some(format!("{} can't be started: {e}", self.program)),
        };
        let Some(stdout) = child.stdout.take() else { return Some("it has no output".to_owned()) };
        self.room.tails.change(&self.source.name, NAME, |row| row.state = "ok".to_owned());
        let mut lines = BufReader::new(stdout).lines();
        loop {
            let entries = tokio::select! {
                _ = stopped.wait_for(|s| *s) => return None,
                entries = self.batch(&mut lines) => entries,
            };
            if entries.is_empty() {
                return Some(ending(child).await);
            }
            if !self.ship(entries, stopped).await {
                return None;
            }
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["-o", "json", "--follow", "--all", "--no-pager", "--quiet"]);
        match (self.cursor.as_str(), self.start) {
            (_, Start::ForceBeginning) | ("", Start::Beginning) => drop(command.arg("--no-tail")),
            (_, Start::ForceEnd) | ("", Start::End) => drop(command.arg("--lines=0")),
            (cursor, _) => drop(command.args(["--no-tail", &format!("--after-cursor={cursor}")])),
        }
        if let Some(path) = &self.path {
            let flag = if std::path::Path::new(path).is_dir() { "--directory" } else { "--file" };
            command.arg(format!("{flag}={path}"));
        }
        for unit in &self.include {
            command.arg(format!("--unit={unit}"));
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Some entries; none when there will be no more.
    async fn batch(&self, lines: &mut Lines<BufReader<ChildStdout>>) -> Vec<Entry> {
        let mut out = Vec::new();
        let Ok(Some(line)) = lines.next_line().await else { return out };
        out.extend(self.entry(&line));
        let until = Instant::now() + BATCH_WAIT;
        while out.len() < BATCH {
            match tokio::time::timeout_at(until, lines.next_line()).await {
                Ok(Ok(Some(line))) => out.extend(self.entry(&line)),
                Ok(_) | Err(_) => break,
            }
        }
        if out.is_empty() {
            // Lines that are no entries: not the end.
            out.push(Entry { record: None, cursor: self.cursor.clone() });
        }
        out
    }

    fn entry(&self, line: &str) -> Option<Entry> {
        let fields: Map<String, Value> = serde_json::from_str(line).ok()?;
        let text = |key: &str| fields.get(key).map(text_of).unwrap_or_default();
        let cursor = text("__CURSOR");
        let unit = text("_SYSTEMD_UNIT");
        let is_excluded = self.exclude.iter().any(|e| *e == unit || format!("{e}.service") == unit);
        let message = Some(text("MESSAGE")).filter(|m| !m.trim().is_empty() && !is_excluded);
        let record = message.and_then(|m| self.source.rules.apply(m)).map(|message| {
            let micros: i64 = text("__REALTIME_TIMESTAMP").parse().unwrap_or(0);
            let mut record = Record::new(&self.source, message, micros.saturating_mul(1_000));
            let severity = text("PRIORITY").parse::<usize>().ok();
            record.status = severity.and_then(|p| SEVERITIES.get(p).copied());
            let said =
                [text("SYSLOG_IDENTIFIER"), unit.trim_end_matches(".service").to_owned(), text("_COMM")];
            let said = said.into_iter().find(|s| !s.is_empty()).unwrap_or_default();
            for own in [&mut record.service, &mut record.source] {
                if own.is_empty() {
                    own.clone_from(&said);
                }
            }
            record.attributes.insert("journald".to_owned(), Value::Object(kept(&fields)));
            record
        });
        Some(Entry { record, cursor })
    }

    async fn ship(&mut self, entries: Vec<Entry>, stopped: &mut watch::Receiver<bool>) -> bool {
        let cursor = entries.iter().rev().map(|e| &e.cursor).find(|c| !c.is_empty()).cloned();
        let records: Vec<Record> = entries.into_iter().filter_map(|e| e.record).collect();
        let (logs, mut refused) = (records.len() as u64, 0);
        let board = Arc::clone(&self.room.tails);
        let name = self.source.name.clone();
        let note = |state: Option<&str>| {
            board.change(&name, NAME, |row| state.unwrap_or("ok").clone_into(&mut row.state));
        };
        if logs > 0 {
            match self.room.shipper.ship(records, stopped, note).await {
                Shipped::Taken { refused: n } => refused = n,
                Shipped::Stopped => return false,
            }
        }
        let now_ms = self.room.clock.now_ms();
        if let Some(cursor) = cursor {
            self.cursor = cursor;
            // From here on the place is known, whatever was asked for at the start.
            self.start = Start::End;
            let position = Position {
                source: name.clone(),
                cursor: self.cursor.clone(),
                seen_ms: now_ms,
                ..Position::default()
            };
            self.room.registry.set(position);
        }
        self.room.tails.change(&name, NAME, |row| {
            row.logs += logs - refused;
            row.refused += refused;
            row.last_ms = Some(now_ms);
        });
        true
    }
}

/// What the process said last.
async fn ending(mut child: Child) -> String {
    let mut said = String::new();
    if let Some(stderr) = child.stderr.take() {
        // What it could not say in time is not worth waiting for.
        let read = async { stderr.take(ERROR_BYTES).read_to_string(&mut said).await };
        let _ = tokio::time::timeout(Duration::from_secs(1), read).await;
    }
    let status = match child.try_wait() {
        Ok(Some(status)) => status.to_string(),
        _ => "its output ended".to_owned(),
    };
    format!("journalctl ended ({status}): {}", said.trim().replace('\n', "; "))
}

/// A text, or the bytes of one that is no UTF-8.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(bytes) => {
            let bytes: Vec<u8> = bytes.iter().filter_map(|b| u8::try_from(b.as_u64()?).ok()).collect();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Fields beside the message; addresses inside of the journal say nothing to people.
fn kept(fields: &Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::new();
    for (key, value) in fields {
        let is_ours = key == "MESSAGE" || key.starts_with("__") || key == "_BOOT_ID" || key == "_MACHINE_ID";
        if !is_ours {
            out.insert(key.clone(), Value::String(text_of(value)));
        }
    }
    out
}

#[cfg(test)]
mod tests;
