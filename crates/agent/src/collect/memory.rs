//! `system.mem.*` and `system.swap.*` in MiB, shares as fractions, from `/proc/meminfo` and `/proc/vmstat`.

use super::{Collect, Proc};
use crate::check::{Failure, Run};
use std::collections::HashMap;

pub(super) struct Memory;

/// What is taken over as it stands: our name, the kernel's field.
const PLAIN: [(&str, &str); 10] = [
    ("system.mem.total", "MemTotal"),
    ("system.mem.free", "MemFree"),
    ("system.mem.buffered", "Buffers"),
    ("system.mem.shared", "Shmem"),
    ("system.mem.slab", "Slab"),
    ("system.mem.slab_reclaimable", "SReclaimable"),
    ("system.mem.page_tables", "PageTables"),
    ("system.mem.commit_limit", "CommitLimit"),
    ("system.mem.committed_as", "Committed_AS"),
    ("system.swap.cached", "SwapCached"),
];

impl Collect for Memory {
    fn collect(&mut self, proc: &Proc, run: &mut Run) -> Result<(), Failure> {
        let meminfo = proc.read("meminfo")?;
        let mib = parse_mib(&meminfo);
        let get = |key: &str| mib.get(key).copied();
        for (name, key) in PLAIN {
            if let Some(value) = get(key) {
                run.gauge(name, value, &[]);
            }
        }
        let (total, free) = (get("MemTotal").unwrap_or(0.0), get("MemFree").unwrap_or(0.0));
        let cached = get("Cached").unwrap_or(0.0) + get("SReclaimable").unwrap_or(0.0);
        let usable = get("MemAvailable").unwrap_or(free + get("Buffers").unwrap_or(0.0) + cached);
        run.gauge("system.mem.used", total - free, &[]);
        run.gauge("system.mem.cached", cached, &[]);
        run.gauge("system.mem.usable", usable, &[]);
        if total > 0.0 {
            run.gauge("system.mem.pct_usable", usable / total, &[]);
        }
        swap(&mib, run);
        paging(&proc.read("vmstat").unwrap_or_default(), run);
        Ok(())
    }
}

fn parse_mib(text: &str) -> HashMap<&str, f64> {
    text.lines()
        .filter_map(|line| {
            let (key, rest) = line.split_once(':')?;
            let kib: f64 = rest.split_whitespace().next()?.parse().ok()?;
            Some((key, kib / 1024.0))
        })
        .collect()
}

fn swap(mib: &HashMap<&str, f64>, run: &mut Run) {
    let total = mib.get("SwapTotal").copied().unwrap_or(0.0);
    let free = mib.get("SwapFree").copied().unwrap_or(0.0);
    run.gauge("system.swap.total", total, &[]);
    run.gauge("system.swap.free", free, &[]);
    run.gauge("system.swap.used", total - free, &[]);
    // A machine without swap has none of it in use.
    run.gauge("system.swap.pct_free", if total > 0.0 { free / total } else { 1.0 }, &[]);
}

fn paging(vmstat: &str, run: &mut Run) {
    for line in vmstat.lines() {
        let Some((key, value)) = line.split_once(' ') else { continue };
        let Ok(value) = value.trim().parse::<f64>() else { continue };
        match key {
            "pswpin" => run.rate("system.swap.swap_in", value, &[]),
            "pswpout" => run.rate("system.swap.swap_out", value, &[]),
            "pgmajfault" => run.rate("system.mem.major_faults", value, &[]),
            "oom_kill" => {
                run.push(crate::check::SampleKind::MonotonicCount, "system.mem.oom_kills", value, &[])
            }
            _ => {}
        }
    }
}
