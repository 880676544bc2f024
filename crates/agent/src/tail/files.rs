//! The files of one source: found anew every second, read in turn, positions kept once the sink has taken what lies before them.
//!
//! A file is followed by what it is (device and inode), not by its name: a rotated file is read to its end under its new name while
//! its successor is read from its beginning.

use super::Room;
use super::config::{Encoding, LogSource, Start};
use super::container::Container;
use super::envelope::Envelope;
use super::file::{FileTail, Found};
use super::record::{Record, Shipped, Stamps};
use super::registry::{FileId, Position};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How soon new lines are seen.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How soon new files are.
const FIND_EVERY: Duration = Duration::from_secs(1);

/// A file that a source wants.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) path: PathBuf,
    pub(crate) envelope: Envelope,
    pub(crate) container: Option<Arc<Container>>,
}

/// Finds a source's files.
pub(crate) type Finder = Box<dyn Fn() -> Vec<Wanted> + Send + Sync>;

pub(crate) struct Files {
    source: Arc<LogSource>,
    room: Room,
    encoding: Encoding,
    start: Start,
    tails: BTreeMap<FileId, Tail>,
    /// Files found by now were there before; later ones are new and read from their beginning.
    is_first: bool,
    /// What an earlier process followed, and until when: another file under such a name, or a younger one, is new.
    before: Vec<Position>,
}

struct Tail {
    file: FileTail,
    container: Option<Arc<Container>>,
    stamps: Stamps,
    left_out: u64,
}

/// What was read of one file, on its way.
struct Reading {
    id: FileId,
    records: Vec<Record>,
    end: u64,
    is_done: bool,
    has_more: bool,
}

impl Files {
    pub(crate) fn new(source: Arc<LogSource>, room: Room, (encoding, start): (Encoding, Start)) -> Self {
        let before = room.registry.of_source(&source.name);
        Self { source, room, encoding, start, tails: BTreeMap::new(), is_first: true, before }
    }

    /// Runs until told to stop.
    pub(crate) async fn run(mut self, find: Finder, mut stopped: watch::Receiver<bool>) {
        let find = Arc::new(find);
        let mut found_at: Option<Instant> = None;
        while !*stopped.borrow() {
            let is_due = found_at.is_none_or(|at| at.elapsed() >= FIND_EVERY);
            if is_due {
                found_at = Some(Instant::now());
            }
            // Reading may wait for a disk.
            let find = Arc::clone(&find);
            let looked = tokio::task::spawn_blocking(move || {
                if is_due {
                    self.find(&find());
                }
                let readings = self.read();
                (self, readings)
            });
            let Ok((back, readings)) = looked.await else {
                tracing::error!(
                    "a tail ended early; its source is read again after the next change of its configuration"
                );
                return;
            };
            self = back;
            let has_more = readings.iter().any(|r| r.has_more);
            for reading in readings {
                if !self.ship(reading, &mut stopped).await {
                    return;
                }
            }
            if !has_more {
                tokio::select! {
                    _ = stopped.wait_for(|s| *s) => {}
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
            }
        }
    }

    /// Opens what is new, and notes names that mean other files now.
    fn find(&mut self, wanted: &[Wanted]) {
        for tail in self.tails.values_mut() {
            tail.file.note_name();
        }
        if self.is_first {
            self.find_renamed(wanted);
        }
        for want in wanted {
            let Ok(metadata) = std::fs::metadata(&want.path) else { continue };
            let id = FileId::of(&metadata);
            match self.tails.get_mut(&id) {
                // The same file under a name that is wanted too.
                Some(tail) if tail.file.is_renamed() => tail.file.path.clone_from(&want.path),
                Some(_) => {}
                None => self.open(want, false),
            }
        }
        self.is_first = false;
    }

    /// Files that were rotated while nobody looked: their last lines are under another name of the same folder.
    fn find_renamed(&mut self, wanted: &[Wanted]) {
        for known in self.room.registry.of_source(&self.source.name) {
            let path = Path::new(&known.path);
            let is_here = std::fs::metadata(path).is_ok_and(|m| FileId::of(&m) == known.id);
            let Some(folder) = path.parent().filter(|_| !is_here && !known.path.is_empty()) else { continue };
            let Some(renamed) = sibling(folder, &known) else {
                self.room.registry.remove(&self.source.name, known.id);
                continue;
            };
            let like = wanted.iter().find(|w| w.path == path);
            let envelope = like.map_or(Envelope::None, |w| w.envelope);
            let container = like.and_then(|w| w.container.clone());
            self.open(&Wanted { path: renamed, envelope, container }, true);
        }
    }

    fn open(&mut self, want: &Wanted, is_renamed: bool) {
        let (room, source) = (&self.room, &self.source);
        let is_new =
            self.before.iter().any(|p| Path::new(&p.path) == want.path) || self.is_younger(&want.path);
        let (start, is_first) = (self.start, self.is_first && !is_new);
        let offset = |file: &File, id: FileId, len: u64| {
            let known = room.registry.get(&source.name, id);
            begin_at(known, (file, len), start, is_first)
        };
        let opened = FileTail::open(&want.path, source, (self.encoding, want.envelope), offset);
        let path = want.path.display().to_string();
        match opened {
            Ok(mut file) => {
                if is_renamed {
                    file.note_renamed();
                }
                room.tails.change(&source.name, &path, |row| row.state = "ok".to_owned());
                room.registry.set(file.position(&source.name, room.clock.now_ms()));
                let tail =
                    Tail { container: want.container.clone(), stamps: Stamps::default(), left_out: 0, file };
                self.tails.insert(tail.file.id, tail);
            }
            Err(e) => room.tails.change(&source.name, &path, |row| row.state = e.to_string()),
        }
    }

    /// Whether a file was made after the source was followed last.
    fn is_younger(&self, path: &Path) -> bool {
        let Some(last_ms) = self.before.iter().map(|p| p.seen_ms).max() else { return false };
        let made = std::fs::metadata(path).and_then(|m| m.created()).ok();
        let made = made.and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
        made.is_some_and(|t| t.as_millis() > u128::from(last_ms.unsigned_abs()))
    }

    fn read(&mut self) -> Vec<Reading> {
        let now = Instant::now();
        let now_ms = self.room.clock.now_ms();
        let mut out = Vec::new();
        for (id, tail) in &mut self.tails {
            match tail.file.read(now) {
                Ok(found) => out.extend(tail.reading(*id, found, &self.source, now_ms)),
                Err(e) => {
                    let path = tail.file.path.display().to_string();
                    self.room.tails.change(&self.source.name, &path, |row| row.state = e.to_string());
                }
            }
        }
        out
    }

    /// Whether it was taken; not when told to stop before.
    async fn ship(&mut self, reading: Reading, stopped: &mut watch::Receiver<bool>) -> bool {
        let Some(tail) = self.tails.get_mut(&reading.id) else { return true };
        let (name, path) = (self.source.name.clone(), tail.file.path.display().to_string());
        let logs = reading.records.len() as u64;
        let mut refused = 0;
        if logs > 0 {
            let board = Arc::clone(&self.room.tails);
            let note = |state: Option<&str>| {
                board.change(&name, &path, |row| state.unwrap_or("ok").clone_into(&mut row.state));
            };
            match self.room.shipper.ship(reading.records, stopped, note).await {
                Shipped::Taken { refused: n } => refused = n,
                Shipped::Stopped => return false,
            }
        }
        tail.file.taken = reading.end;
        let now_ms = self.room.clock.now_ms();
        self.room.registry.set(tail.file.position(&name, now_ms));
        let (size, cut_lines, left_out) = (tail.file.size(), tail.file.cut_lines, tail.left_out);
        self.room.tails.change(&name, &path, |row| {
            row.offset = reading.end;
            row.size = size;
            row.cut_lines = cut_lines;
            row.left_out = left_out;
            row.logs += logs - refused;
            row.refused += refused;
            if logs > 0 {
                row.last_ms = Some(now_ms);
            }
        });
        if reading.is_done {
            self.tails.remove(&reading.id);
            self.room.registry.remove(&name, reading.id);
            if !Path::new(&path).exists() {
                self.room.tails.remove(&name, &path);
            }
        }
        true
    }
}

impl Tail {
    /// Nothing when there is nothing to note.
    fn reading(&mut self, id: FileId, found: Found, source: &LogSource, now_ms: i64) -> Option<Reading> {
        let end = found.pieces.last().map_or(self.file.taken, |p| p.end);
        if found.pieces.is_empty() && !found.is_done {
            return None;
        }
        let mut records = Vec::with_capacity(found.pieces.len());
        for piece in found.pieces {
            let time_ns = piece.time_ns.unwrap_or_else(|| self.stamps.next(now_ms));
            let is_blank = piece.text.trim().is_empty();
            let Some(text) = Some(piece.text).filter(|_| !is_blank).and_then(|t| source.rules.apply(t))
            else {
                self.left_out += u64::from(!is_blank);
                continue;
            };
            let mut record = Record::new(source, text, time_ns);
            record.status = piece.status;
            match &self.container {
                Some(container) => container.describe(&mut record),
                None => record.tags.extend(file_tags(&self.file.path)),
            }
            records.push(record);
        }
        Some(Reading { id, records, end, is_done: found.is_done, has_more: found.has_more })
    }
}

/// Where reading begins.
fn begin_at(known: Option<Position>, (file, len): (&File, u64), start: Start, is_first: bool) -> u64 {
    match (start, known) {
        (Start::ForceBeginning, _) if is_first => 0,
        (Start::ForceEnd, _) if is_first => len,
        (_, Some(known)) if known.fingerprint.is_of(file) && known.offset <= len => known.offset,
        // It was truncated, or is another file with the same inode.
        (_, Some(_)) => 0,
        (Start::End | Start::ForceEnd, None) if is_first => len,
        (_, None) => 0,
    }
}

/// The file of a position under its new name.
fn sibling(folder: &Path, known: &Position) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?.flatten().take(super::glob::FILES_MAX * 4);
    let mut same = entries.filter(|e| e.metadata().is_ok_and(|m| m.is_file() && FileId::of(&m) == known.id));
    let path = same.next()?.path();
    let file = File::open(&path).ok()?;
    let is_longer = file.metadata().is_ok_and(|m| m.len() > known.offset);
    (is_longer && known.fingerprint.is_of(&file)).then_some(path)
}

fn file_tags(path: &Path) -> [String; 2] {
    let text =
        |part: Option<&std::ffi::OsStr>| part.map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    [
        format!("filename:{}", text(path.file_name())),
        format!("dirname:{}", text(path.parent().map(Path::as_os_str))),
    ]
}
