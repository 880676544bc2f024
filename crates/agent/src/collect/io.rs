//! `system.io.*` by block device, as iostat computes them, from `/proc/diskstats`; paging from `/proc/vmstat`.

use super::{Collect, Proc, numbers};
use crate::check::{Failure, Run};
use std::collections::HashMap;
use std::time::Instant;

/// Counters of one device since the machine's start.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Counters {
    reads: f64,
    reads_merged: f64,
    sectors_read: f64,
    read_ms: f64,
    writes: f64,
    writes_merged: f64,
    sectors_written: f64,
    write_ms: f64,
    busy_ms: f64,
    queue_ms: f64,
}

#[derive(Default)]
pub(super) struct Io {
    before: Option<(Instant, HashMap<String, Counters>)>,
}

impl Io {
    /// Reads once, so that the first run has something to compare with.
    pub(super) fn primed(proc: &Proc) -> Self {
        Self { before: proc.read("diskstats").ok().map(|text| (Instant::now(), parse(&text))) }
    }
}

impl Collect for Io {
    fn collect(&mut self, proc: &Proc, run: &mut Run) -> Result<(), Failure> {
        let now = (Instant::now(), parse(&proc.read("diskstats")?));
        if let Some((at, before)) = &self.before {
            let seconds = (now.0 - *at).as_secs_f64();
            for (device, counters) in &now.1 {
                let Some(b) = before.get(device) else { continue };
                let tags = [format!("device:{device}"), format!("device_name:{device}")];
                for (name, value) in figures(b, counters, seconds) {
                    run.gauge(name, value, &tags);
                }
            }
        }
        self.before = Some(now);
        for line in proc.read("vmstat").unwrap_or_default().lines() {
            let Some((key, value)) = line.split_once(' ') else { continue };
            let Ok(value) = value.trim().parse::<f64>() else { continue };
            match key {
                "pgpgin" => run.rate("system.io.block_in", value, &[]),
                "pgpgout" => run.rate("system.io.block_out", value, &[]),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Devices that have ever been used; loop and memory devices say nothing of a disk.
fn parse(text: &str) -> HashMap<String, Counters> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace().skip(2);
            let device = words.next()?;
            if ["loop", "ram", "zram", "fd"].iter().any(|p| device.starts_with(p)) {
                return None;
            }
            let n = numbers(&words.collect::<Vec<_>>().join(" "));
            let [
                reads,
                reads_merged,
                sectors_read,
                read_ms,
                writes,
                writes_merged,
                sectors_written,
                write_ms,
                _,
                busy_ms,
                queue_ms,
                ..,
            ] = n[..]
            else {
                return None;
            };
            let counters = Counters {
                reads,
                reads_merged,
                sectors_read,
                read_ms,
                writes,
                writes_merged,
                sectors_written,
                write_ms,
                busy_ms,
                queue_ms,
            };
            (reads + writes > 0.0).then(|| (device.to_owned(), counters))
        })
        .collect()
}

/// What iostat -x shows of the time between two readings.
fn figures(b: &Counters, n: &Counters, seconds: f64) -> Vec<(&'static str, f64)> {
    if seconds <= 0.0 || n.reads < b.reads || n.writes < b.writes {
        return Vec::new();
    }
    let ratio = |a: f64, b: f64| if b > 0.0 { a / b } else { 0.0 };
    let (reads, writes) = (n.reads - b.reads, n.writes - b.writes);
    let (read_ms, write_ms) = (n.read_ms - b.read_ms, n.write_ms - b.write_ms);
    let (sectors_read, sectors_written) =
        (n.sectors_read - b.sectors_read, n.sectors_written - b.sectors_written);
    let busy_ms = n.busy_ms - b.busy_ms;
    // A sector is 512 bytes whatever the device.
    vec![
        ("system.io.r_s", reads / seconds),
        ("system.io.w_s", writes / seconds),
        ("system.io.rrqm_s", (n.reads_merged - b.reads_merged) / seconds),
        ("system.io.wrqm_s", (n.writes_merged - b.writes_merged) / seconds),
        ("system.io.rkb_s", sectors_read / 2.0 / seconds),
        ("system.io.wkb_s", sectors_written / 2.0 / seconds),
        ("system.io.avg_rq_sz", ratio(sectors_read + sectors_written, reads + writes)),
        ("system.io.avg_q_sz", (n.queue_ms - b.queue_ms) / 1000.0 / seconds),
        ("system.io.await", ratio(read_ms + write_ms, reads + writes)),
        ("system.io.r_await", ratio(read_ms, reads)),
        ("system.io.w_await", ratio(write_ms, writes)),
        ("system.io.svctm", ratio(busy_ms, reads + writes)),
        ("system.io.util", (busy_ms / 10.0 / seconds).min(100.0)),
    ]
}
