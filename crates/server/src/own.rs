//! Oriel's own metrics: every 10 s what was counted becomes `oriel.*` series on the road that all series take. Also what they
//! and settings measure of the process and the disk.

use crate::app::App;
use crate::figures::Period;
use crate::sink::{Origin, store_submission};
use oriel_model::{Kind, Series, Sketch, SketchSeries, Submission, TimeMs};
use oriel_state::DEFAULT_ORG;
use std::path::Path;
use std::sync::Weak;
use std::time::Instant;

/// The source of these rows.
pub(crate) const SOURCE: &str = "oriel";
/// Seconds between reports, the aggregator's own pace.
const INTERVAL_S: u32 = 10;
/// How long a delivery that failed is told: long enough to be seen, and over when nothing fails any more.
const FAILED_FOR_MS: i64 = 3_600_000;

/// Reports until the server is gone. The first report comes at once, so that a fresh server has something to show.
pub(crate) fn start(app: Weak<App>) {
    tokio::spawn(async move {
        loop {
            let begin = Instant::now();
            let Some(app) = app.upgrade() else { return };
            report(&app).await;
            if let Err(e) = app.state.save_key_use().await {
                tracing::warn!(error = %e, "the times of last use of keys were not saved");
            }
            let pause = app.clock.sleep(i64::from(INTERVAL_S) * 1000);
            drop(app);
            tokio::time::sleep(pause.saturating_sub(begin.elapsed())).await;
        }
    });
}

/// Stores what was counted since the last report.
pub(crate) async fn report(app: &App) {
    let mut report = Report::new(app);
    report.notices(app).await;
    let submission = report.build(app);
    let origin = Origin { org: DEFAULT_ORG, source: SOURCE, digest: None };
    let stored = store_submission(app, origin, submission).await;
    app.monitoring.takes_in(stored.is_ok());
    if let Err(e) = stored {
        let e = oriel_model::ErrorBody::from(e);
        tracing::warn!(error = %e, "own metrics were not stored");
    }
}

/// One report being put together.
struct Report {
    at: TimeMs,
    host: String,
    out: Submission,
}

impl Report {
    fn new(app: &App) -> Self {
        Self { at: app.now_ms(), host: app.options.hostname.clone(), out: Submission::default() }
    }

    fn build(mut self, app: &App) -> Submission {
        self.period(app.figures.take());
        let mut refused = app.refused.take_unreported();
        if refused.is_empty() {
            // None is a figure too: whoever watches it sees 0, not silence.
            refused.push(("all", "none", 0));
        }
        for (source, reason, n) in refused {
            let tags = vec![format!("source:{source}"), format!("reason:{reason}")];
            self.put("oriel.intake.refused", tags, Kind::Count, n as f64);
        }
        for (name, tags, value) in app.store.figures() {
            let kind = if is_total(name) { Kind::Cumulative } else { Kind::Gauge };
            self.put(name, tags, kind, value);
        }
        for (name, n) in app.apm.figures() {
            self.put(name, Vec::new(), Kind::Cumulative, n as f64);
        }
        self.statsd(app);
        self.disk(&app.options.data);
        self.monitors(app);
        if let Some(process) = Process::read() {
            self.put("oriel.process.rss", Vec::new(), Kind::Gauge, process.rss_bytes);
            self.put("oriel.process.cpu", Vec::new(), Kind::Cumulative, process.cpu_s);
        }
        let up = (self.at - app.started_ms) as f64 / 1000.0;
        self.put("oriel.process.uptime", Vec::new(), Kind::Gauge, up);
        self.out
    }

    /// By kind of channel: deliveries that failed for good within the last hour, those that wait, and for how many seconds the oldest
    /// does. Those of channels without any are 0, so that what fails shows its end.
    async fn notices(&mut self, app: &App) {
        let figures = match app.state.delivery_figures(self.at - FAILED_FOR_MS).await {
            Ok(figures) => figures,
            Err(e) => return tracing::warn!(error = %e, "deliveries were not counted"),
        };
        for channel in oriel_monitor::handle::Kind::ALL.iter().map(|kind| kind.as_str()).chain(["unknown"]) {
            let found = figures.iter().find(|f| f.channel == channel);
            let oldest_ms = found.and_then(|f| f.oldest_ms).map_or(0, |at| (self.at - at).max(0));
            let values = [
                ("oriel.notices.failed", found.map_or(0.0, |f| f.failed as f64)),
                ("oriel.notices.waiting", found.map_or(0.0, |f| f.waiting as f64)),
                ("oriel.notices.oldest", oldest_ms as f64 / 1000.0),
            ];
            for (name, value) in values {
                self.put(name, vec![format!("channel:{channel}")], Kind::Gauge, value);
            }
        }
    }

    /// Of evaluations; nothing before they are started.
    fn monitors(&mut self, app: &App) {
        let Ok(runtime) = app.monitoring.runtime() else { return };
        let figures = runtime.figures();
        self.put("oriel.monitor.lag", Vec::new(), Kind::Gauge, figures.lag);
        let sizes = [
            ("oriel.monitor.monitors", figures.monitors),
            ("oriel.monitor.watches", figures.watches),
            ("oriel.monitor.groups", figures.groups),
        ];
        for (name, n) in sizes {
            self.put(name, Vec::new(), Kind::Gauge, n as f64);
        }
        self.put("oriel.monitor.evaluations", Vec::new(), Kind::Cumulative, figures.evaluations as f64);
        self.put("oriel.monitor.errors", Vec::new(), Kind::Cumulative, figures.errors as f64);
        self.put("oriel.monitor.took", Vec::new(), Kind::Cumulative, figures.took);
    }

    fn disk(&mut self, data: &Path) {
        let Some(disk) = Disk::of(data) else { return };
        self.put("oriel.disk.free_bytes", Vec::new(), Kind::Gauge, disk.free_bytes as f64);
        self.put("oriel.disk.in_use", Vec::new(), Kind::Gauge, disk.in_use());
    }

    fn period(&mut self, period: Period) {
        for ((route, class), n) in period.requests {
            let tags = vec![format!("route:{route}"), format!("status:{class}")];
            self.put("oriel.http.requests", tags, Kind::Count, n as f64);
        }
        for (source, n) in period.rows {
            self.put("oriel.intake.rows", vec![format!("source:{source}")], Kind::Count, n as f64);
        }
        self.put("oriel.query.count", Vec::new(), Kind::Count, period.queries as f64);
        self.put("oriel.query.errors", Vec::new(), Kind::Count, period.query_errors as f64);
        self.sketch("oriel.append.latency_ms", period.append_ms);
        self.sketch("oriel.query.latency_ms", period.query_ms);
    }

    fn statsd(&mut self, app: &App) {
        let Some(figures) = app.statsd.lock().as_ref().map(oriel_intake::statsd::StatsdHandle::figures)
        else {
            return;
        };
        self.put("oriel.statsd.contexts", Vec::new(), Kind::Gauge, figures.contexts as f64);
        self.put("oriel.statsd.flushes_lost", Vec::new(), Kind::Cumulative, figures.flushes_lost as f64);
        for (reason, n) in figures.refused {
            self.put("oriel.statsd.refused", vec![format!("reason:{reason}")], Kind::Cumulative, n as f64);
        }
        for listener in figures.listeners {
            let tags = vec![format!("listener:{}", listener.name)];
            let totals = [
                ("oriel.statsd.packets", listener.packets),
                ("oriel.statsd.lines", listener.lines),
                ("oriel.statsd.dropped", listener.dropped),
                ("oriel.statsd.truncated", listener.truncated),
            ];
            for (name, value) in totals {
                self.put(name, tags.clone(), Kind::Cumulative, value as f64);
            }
        }
    }

    fn put(&mut self, metric: &str, tags: Vec<String>, kind: Kind, value: f64) {
        self.out.series.push(Series {
            metric: metric.to_owned(),
            host: self.host.clone(),
            tags,
            kind,
            interval_s: INTERVAL_S,
            points: vec![(self.at, value)],
        });
    }

    fn sketch(&mut self, metric: &str, sketch: Sketch) {
        if sketch.is_empty() {
            return;
        }
        self.out.sketches.push(SketchSeries {
            metric: metric.to_owned(),
            host: self.host.clone(),
            tags: Vec::new(),
            interval_s: INTERVAL_S,
            points: vec![(self.at, sketch)],
        });
    }
}

/// Which of the store's figures only grow while it runs.
fn is_total(name: &str) -> bool {
    const TOTALS: [&str; 8] = [
        "oriel.store.appended.",
        "oriel.store.requests",
        "oriel.store.seals",
        "oriel.store.compactions",
        "oriel.store.expired.",
        "oriel.store.quarantined.",
        "oriel.store.wal.records",
        "oriel.store.wal.commits",
    ];
    TOTALS.iter().any(|t| name.starts_with(t))
}

/// What the kernel says of this process.
struct Process {
    rss_bytes: f64,
    cpu_s: f64,
}

impl Process {
    fn read() -> Option<Self> {
        // The kernel's fixed units on Linux: pages of 4 KiB where nothing else is said, ticks of 10 ms.
        const PAGE_BYTES: f64 = 4096.0;
        const TICKS_S: f64 = 100.0;
        let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
        let pages: f64 = pages.split_whitespace().nth(1)?.parse().ok()?;
        let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
        // The name may hold blanks and parentheses, so fields count from its end.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let user: f64 = fields.next()?.parse().ok()?;
        let system: f64 = fields.next()?.parse().ok()?;
        Some(Self { rss_bytes: pages * PAGE_BYTES, cpu_s: (user + system) / TICKS_S })
    }
}

/// Folders deep and files many that are looked at; the store has far fewer.
const ENTRIES_MAX: usize = 100_000;

/// Bytes of a data folder: all, and those of the WAL.
pub(crate) fn data_bytes(data: &Path) -> (u64, u64) {
    let (mut all, mut wal, mut seen) = (0, 0, 0);
    let mut folders = vec![(data.to_owned(), false)];
    while let Some((folder, in_wal)) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            seen += 1;
            if seen > ENTRIES_MAX {
                return (all, wal);
            }
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                folders.push((entry.path(), in_wal || entry.file_name() == "wal"));
            } else {
                all += metadata.len();
                wal += if in_wal { metadata.len() } else { 0 };
            }
        }
    }
    (all, wal)
}

/// Bytes that are free where the data folder is.
pub(crate) fn free_bytes(data: &Path) -> Option<u64> {
    Disk::of(data).map(|disk| disk.free_bytes)
}

/// The file system that a folder is on.
struct Disk {
    /// To this user; some is kept for root.
    free_bytes: u64,
    used_bytes: u64,
}

impl Disk {
    fn of(data: &Path) -> Option<Self> {
        use std::os::unix::ffi::OsStrExt;
        let path = std::ffi::CString::new(data.as_os_str().as_bytes()).ok()?;
        let mut answer = std::mem::MaybeUninit::<libc::statvfs>::zeroed();
        // SAFETY: the path is a C string that outlives the call, and the kernel fills the struct it is given.
        let done = unsafe { libc::statvfs(path.as_ptr(), answer.as_mut_ptr()) };
        if done != 0 {
            return None;
        }
        // SAFETY: statvfs returned 0, so the struct is filled.
        let answer = unsafe { answer.assume_init() };
        let bytes = |blocks: u64| blocks.saturating_mul(answer.f_frsize);
        let used = answer.f_blocks.saturating_sub(answer.f_bfree);
        Some(Self { free_bytes: bytes(answer.f_bavail), used_bytes: bytes(used) })
    }

    /// The share in use of what this user can have, as `df` and the agent have it.
    fn in_use(&self) -> f64 {
        let all = self.free_bytes.saturating_add(self.used_bytes);
        if all == 0 { 0.0 } else { self.used_bytes as f64 / all as f64 }
    }
}
