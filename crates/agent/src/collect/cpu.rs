//! `system.cpu.*` in percent of all cores, and `system.proc.*`, from `/proc/stat`.

use super::{Collect, Proc, numbers};
use crate::check::{Failure, Run, SampleKind};

/// Ticks of all cores since the machine's start.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Ticks {
    /// user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice
    t: [f64; 10],
}

#[derive(Debug, Default, PartialEq)]
struct Stat {
    ticks: Ticks,
    cores: f64,
    context_switches: f64,
    running: f64,
    blocked: f64,
    forks: f64,
}

#[derive(Default)]
pub(super) struct Cpu {
    before: Option<Ticks>,
}

impl Cpu {
    /// Reads once, so that the first run has something to compare with.
    pub(super) fn primed(proc: &Proc) -> Self {
        Self { before: proc.read("stat").ok().map(|text| parse(&text).ticks) }
    }
}

impl Collect for Cpu {
    fn collect(&mut self, proc: &Proc, run: &mut Run) -> Result<(), Failure> {
        let stat = parse(&proc.read("stat")?);
        if let Some(shares) = self.before.replace(stat.ticks).and_then(|b| shares(b, stat.ticks)) {
            for (name, value) in shares {
                run.gauge(name, value, &[]);
            }
        }
        run.gauge("system.cpu.num_cores", stat.cores, &[]);
        run.push(SampleKind::MonotonicCount, "system.cpu.context_switches", stat.context_switches, &[]);
        run.gauge("system.proc.running", stat.running, &[]);
        run.gauge("system.proc.blocked", stat.blocked, &[]);
        run.rate("system.proc.forks", stat.forks, &[]);
        Ok(())
    }
}

fn parse(text: &str) -> Stat {
    let mut stat = Stat::default();
    for line in text.lines() {
        let (key, rest) = line.split_once(' ').unwrap_or((line, ""));
        let first = || numbers(rest).first().copied().unwrap_or_default();
        match key {
            "cpu" => {
                for (to, from) in stat.ticks.t.iter_mut().zip(numbers(rest)) {
                    *to = from;
                }
            }
            "ctxt" => stat.context_switches = first(),
            "processes" => stat.forks = first(),
            "procs_running" => stat.running = first(),
            "procs_blocked" => stat.blocked = first(),
            _ if key.starts_with("cpu") => stat.cores += 1.0,
            _ => {}
        }
    }
    stat
}

/// Percent of the time between two readings; none when no time has passed.
fn shares(before: Ticks, now: Ticks) -> Option<[(&'static str, f64); 7]> {
    // Some kernels let iowait and steal step back by a tick: a share is never negative.
    let d: Vec<f64> = now.t.iter().zip(before.t).map(|(n, b)| (n - b).max(0.0)).collect();
    // guest and guest_nice are counted in user and nice too.
    let all: f64 = d[..8].iter().sum();
    let percent = |ticks: f64| 100.0 * ticks / all;
    (all > 0.0).then(|| {
        [
            ("system.cpu.user", percent(d[0] + d[1])),
            ("system.cpu.system", percent(d[2] + d[5] + d[6])),
            ("system.cpu.idle", percent(d[3])),
            ("system.cpu.iowait", percent(d[4])),
            ("system.cpu.interrupt", percent(d[5] + d[6])),
            ("system.cpu.stolen", percent(d[7])),
            ("system.cpu.guest", percent(d[8] + d[9])),
        ]
    })
}
