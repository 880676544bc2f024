//! What the agent says of its host: platform, kernel, cores, host tags and the state of every check.
//!
//! Sent at the start, every five minutes, within three seconds of a change in a check's state, and at most every fifteen
//! seconds for mere progress (run counts and times).

use crate::schedule::Room;
use oriel_model::{CheckStatus, HostMetadata, ServiceCheck, Submission, TimeMs};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// The smallest gap between two submissions of changed states.
const CHANGE_GAP: Duration = Duration::from_secs(3);
/// The service check that says so, also by the name that monitors of hosts ask for when they come from Datadog.
const UP: [&str; 2] = ["oriel.agent.up", "datadog.agent.up"];
/// Run counts and [`UP`] go out at the pace of the checks.
const PROGRESS_EVERY: Duration = Duration::from_secs(15);

/// Sends until told to stop, and once more then.
pub(crate) async fn run(room: Room, tags: Vec<String>, mut stopped: watch::Receiver<bool>) {
    let mut facts = facts(&room.hostname, &tags);
    let mut facts_at = Instant::now();
    let mut sent_changes = None;
    let mut sent_at = Instant::now();
    loop {
        let changes = room.board.changes();
        if sent_changes != Some(changes) || sent_at.elapsed() >= PROGRESS_EVERY {
            if facts_at.elapsed() >= Duration::from_secs(300) {
                facts = self::facts(&room.hostname, &tags);
                facts_at = Instant::now();
            }
            room.outbox.send(submission(&room, &tags, &facts));
            sent_changes = Some(changes);
            sent_at = Instant::now();
        }
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep(CHANGE_GAP) => {}
        }
    }
}

fn submission(room: &Room, tags: &[String], facts: &Value) -> Submission {
    let now_ms: TimeMs = room.clock.now_ms();
    let rows = room.board.rows();
    let agent_checks = rows.iter().filter_map(|r| serde_json::to_value(r).ok()).collect();
    let host = room.hostname.to_string();
    let metadata = HostMetadata {
        host: host.clone(),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        host_tags: vec![("system".to_owned(), tags.to_vec())],
        raw: facts.clone(),
        agent_checks,
    };
    let up = |check: &&str| ServiceCheck {
        time_ms: now_ms - now_ms.rem_euclid(1000),
        check: (*check).to_owned(),
        host: host.clone(),
        status: CheckStatus::Ok,
        message: String::new(),
        tags: Vec::new(),
    };
    let checks = UP.iter().map(up).collect();
    Submission { checks, host_metadata: vec![metadata], ..Submission::default() }
}

/// The payload of the Datadog agent's `/intake/` post, as far as it has a meaning here.
fn facts(hostname: &str, tags: &[String]) -> Value {
    let uname = uname();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let processor = proc_field("/proc/cpuinfo", "model name");
    let memory_kib: u64 = proc_field("/proc/meminfo", "MemTotal")
        .split_whitespace()
        .next()
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    let platform = os_release("PRETTY_NAME");
    let gohai = json!({
        "platform": {"hostname": hostname, "os": "GNU/Linux", "kernel_name": uname.sysname, "kernel_release": uname.release,
            "kernel_version": uname.version, "machine": uname.machine, "processor": uname.machine},
        "cpu": {"cpu_logical_processors": cores.to_string(), "model_name": processor},
        "memory": {"total": format!("{memory_kib}kB")},
    });
    json!({
        "agentVersion": env!("CARGO_PKG_VERSION"),
        "agent-flavor": "agent",
        "internalHostname": hostname,
        "os": "linux",
        "platform": platform,
        "kernel": uname.release,
        "cpu_cores": cores,
        "memory_total_kib": memory_kib,
        "systemStats": {"cpuCores": cores, "machine": uname.machine, "platform": "linux", "processor": processor,
            "nixV": [os_release("ID"), os_release("VERSION_ID"), ""]},
        "meta": {"socket-hostname": uname.nodename, "hostname": hostname, "agent-hostname": hostname, "timezones": ["UTC"],
            "platform": platform, "kernel": uname.release, "cpu_cores": cores,
            "agent_version": env!("CARGO_PKG_VERSION"), "machine": uname.machine, "processor": processor,
            "memory_total_kib": memory_kib},
        "host-tags": {"system": tags},
        "gohai": gohai.to_string(),
    })
}

#[derive(Default)]
struct Uname {
    sysname: String,
    nodename: String,
    release: String,
    version: String,
    machine: String,
}

fn uname() -> Uname {
    let read = |name: &str| {
        let text = std::fs::read_to_string(Path::new("/proc/sys/kernel").join(name)).unwrap_or_default();
        text.trim().to_owned()
    };
    Uname {
        sysname: read("ostype"),
        nodename: read("hostname"),
        release: read("osrelease"),
        version: read("version"),
        machine: std::env::consts::ARCH.to_owned(),
    }
}

/// The value after the first `key :` line of a file.
fn proc_field(file: &str, key: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let found = text.lines().filter_map(|l| l.split_once(':')).find(|(k, _)| k.trim() == key);
    found.map_or(String::new(), |(_, v)| v.trim().to_owned())
}

fn os_release(key: &str) -> String {
    let text = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let found = text.lines().filter_map(|l| l.split_once('=')).find(|(k, _)| *k == key);
    found.map_or(String::new(), |(_, v)| v.trim_matches('"').to_owned())
}
