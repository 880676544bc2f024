//! `oriel.processes`: how many processes of one name, user and command line there are. Process monitors count them.
//!
//! Command lines are cleaned: what looks like a secret is replaced, and each is cut. A host tells of at most 500 different ones;
//! the rest is counted as `other`. Kernel threads, and processes that are younger than the time between two runs, are left out:
//! a build or a cron job would otherwise make a series of each of its commands. An agent beside
//! 5,000 processes takes half a percent of a core for everything that it does.

mod command;

use super::{Collect, Proc};
use crate::check::{Failure, Run};
use command::clean;
use std::collections::{BTreeMap, HashMap};
use std::os::unix::fs::MetadataExt;

/// Different (process, user, command) of one host.
const GROUPS_MAX: usize = 500;
/// Processes that are looked at; the largest hosts seen have some thousands.
const PROCESSES_MAX: usize = 20_000;
/// A process younger than this is left out.
const AGE_S_MIN: f64 = 15.0;
/// A group that nobody was in for so many runs makes room for another: an hour.
const FORGET_RUNS: u32 = 240;
/// Ticks of `/proc/PID/stat` in a second: the same on every Linux since 2.6.
const TICKS_A_SECOND: f64 = 100.0;

/// What is told of a process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Group {
    process: String,
    user: String,
    command: String,
}

#[derive(Default)]
pub(super) struct Processes {
    /// By pid and start, so that a command line is read once in a process's life.
    seen: HashMap<(u32, u64), Group>,
    /// Groups that were told of, with the runs since they last had a process.
    told: BTreeMap<Group, u32>,
}

impl Collect for Processes {
    fn collect(&mut self, proc: &Proc, run: &mut Run) -> Result<(), Failure> {
        let uptime_s = proc.read("uptime")?.split(' ').next().and_then(|s| s.parse().ok()).unwrap_or(0.0);
        let mut users: Option<HashMap<u32, String>> = None;
        let mut seen = HashMap::with_capacity(self.seen.len());
        let mut counts: BTreeMap<Group, u32> = BTreeMap::new();
        for pid in pids(proc)? {
            let Some(started) = started_ticks(proc, pid) else { continue };
            if uptime_s - started as f64 / TICKS_A_SECOND < AGE_S_MIN {
                continue;
            }
            let known = self.seen.remove(&(pid, started));
            let found = known.or_else(|| {
                let users = users.get_or_insert_with(|| names_of_users(proc));
                group(proc, pid, users)
            });
            let Some(found) = found else { continue };
            *counts.entry(found.clone()).or_default() += 1;
            seen.insert((pid, started), found);
        }
        self.seen = seen;
        self.tell(counts, run);
        Ok(())
    }
}

impl Processes {
    fn tell(&mut self, counts: BTreeMap<Group, u32>, run: &mut Run) {
        self.told.retain(|_, since| {
            *since += 1;
            *since < FORGET_RUNS
        });
        let mut other = 0;
        for (group, count) in counts {
            if self.told.len() >= GROUPS_MAX && !self.told.contains_key(&group) {
                other += count;
                continue;
            }
            let tags = [
                format!("process:{}", group.process),
                format!("user:{}", group.user),
                format!("command:{}", group.command),
            ];
            run.gauge("oriel.processes", f64::from(count), &tags);
            self.told.insert(group, 0);
        }
        if other > 0 {
            let tags = ["process:other".to_owned(), "user:other".to_owned(), "command:other".to_owned()];
            run.gauge("oriel.processes", f64::from(other), &tags);
        }
    }
}

fn pids(proc: &Proc) -> Result<Vec<u32>, Failure> {
    let entries = std::fs::read_dir(&proc.0)
        .map_err(|e| Failure::new(format!("can't read {}: {e}", proc.0.display())))?;
    let pid = |entry: std::fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    Ok(entries.flatten().filter_map(pid).take(PROCESSES_MAX).collect())
}

/// When a process started, in ticks since the machine's start; none when it is gone.
fn started_ticks(proc: &Proc, pid: u32) -> Option<u64> {
    let stat = proc.read(&format!("{pid}/stat")).ok()?;
    // The name in parentheses may hold anything, parentheses and blanks too.
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(19)?.parse().ok()
}

fn group(proc: &Proc, pid: u32, users: &HashMap<u32, String>) -> Option<Group> {
    let line = proc.read(&format!("{pid}/cmdline")).ok()?;
    let arguments: Vec<&str> = line.split('\0').filter(|a| !a.is_empty()).collect();
    // A kernel thread, or a zombie, has none.
    let first = arguments.first()?;
    let name = first.split_whitespace().next().unwrap_or(first);
    let name = name.rsplit('/').next().unwrap_or(name).trim_end_matches(':');
    let uid = std::fs::metadata(proc.0.join(pid.to_string())).map(|m| m.uid()).unwrap_or(0);
    Some(Group {
        process: name.chars().take(command::CHARS_MAX).collect(),
        user: users.get(&uid).cloned().unwrap_or_else(|| uid.to_string()),
        command: clean(&arguments),
    })
}

/// Names by id, of `/etc/passwd`; of the root that `/proc` shows, so that an agent in a container names the host's users.
fn names_of_users(proc: &Proc) -> HashMap<u32, String> {
    let text = proc.read("1/root/etc/passwd").or_else(|_| Proc("/etc".into()).read("passwd"));
    let text = text.unwrap_or_default();
    let user = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        Some((fields.nth(1)?.parse().ok()?, name))
    };
    text.lines().filter_map(user).collect()
}

#[cfg(test)]
mod tests;
