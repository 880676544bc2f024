//! `system.disk.*` in KiB and `system.fs.inodes.*` by mounted device.
//!
//! Asking a file system how full it is may hang (a network file system whose server is away): it happens on a blocking
//! thread with a bound, and a device that hangs is asked again only when the earlier question has been answered.

use super::{Proc, add_tags, strings};
use crate::check::{Check, Failure, Run, RunFuture};
use crate::config::truthy;
use regex::RegexSet;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::CString;
use std::path::Path;
use std::time::Duration;

/// The longest all file systems together may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// File systems that hold no files of anybody's.
const PSEUDO: &[&str] = &[
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "fusectl",
    "hugetlbfs",
    "iso9660",
    "mqueue",
    "nsfs",
    "proc",
    "pstore",
    "ramfs",
    "rootfs",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "squashfs",
    "sysfs",
    "tmpfs",
    "tracefs",
];

#[derive(Clone, Debug, PartialEq, Eq)]
struct Mount {
    device: String,
    point: String,
    kind: String,
}

/// Which mounts to show; patterns as the Datadog agent's `disk` check has them.
struct Filter {
    exclude: [RegexSet; 3],
    include: [RegexSet; 3],
    all: bool,
}

/// What the file systems said; none for one that gives no answer.
type Answers = Vec<(Mount, Option<Usage>)>;

pub(super) struct Disk {
    proc: Proc,
    tags: Vec<String>,
    filter: Filter,
    use_mount: bool,
    tag_by_filesystem: bool,
    asking: Option<tokio::task::JoinHandle<Answers>>,
}

impl Disk {
    pub(super) fn new(proc: &Path, tags: Vec<String>, settings: &Value) -> Self {
        let is_set = |key: &str| settings.get(key).is_some_and(truthy);
        Self {
            proc: Proc(proc.to_owned()),
            tags,
            filter: Filter::new(settings),
            use_mount: is_set("use_mount"),
            tag_by_filesystem: is_set("tag_by_filesystem"),
            asking: None,
        }
    }

    async fn collect(&mut self) -> Result<Run, Failure> {
        let mut asking = match self.asking.take() {
            Some(earlier) => earlier,
            None => {
                let mounts = self.filter.select(parse_mounts(&self.proc.read("self/mounts")?));
                tokio::task::spawn_blocking(move || {
                    mounts.into_iter().map(|m| (m.clone(), usage(&m.point))).collect::<Answers>()
                })
            }
        };
        let Ok(answers) = tokio::time::timeout(ANSWER_MAX, &mut asking).await else {
            self.asking = Some(asking);
            return Err(Failure::new(
                "a file system does not say how full it is (a network mount whose server is away?)",
            ));
        };
        let mut run = Run::default();
        for (mount, usage) in answers.unwrap_or_default() {
            if let Some(usage) = usage {
                self.report(&mount, &usage, &mut run);
            }
        }
        Ok(run)
    }

    fn report(&self, mount: &Mount, usage: &Usage, run: &mut Run) {
        let device = if self.use_mount { &mount.point } else { &mount.device };
        let name = mount.device.rsplit('/').next().unwrap_or(&mount.device);
        let mut tags = vec![format!("device:{device}"), format!("device_name:{name}")];
        if self.tag_by_filesystem {
            tags.push(format!("filesystem:{}", mount.kind));
        }
        let share = |used: f64, free: f64| if used + free > 0.0 { used / (used + free) } else { 0.0 };
        let in_use = share(usage.used, usage.free);
        run.gauge("system.disk.total", usage.total, &tags);
        run.gauge("system.disk.used", usage.used, &tags);
        run.gauge("system.disk.free", usage.free, &tags);
        run.gauge("system.disk.in_use", in_use, &tags);
        run.gauge("system.disk.utilized", in_use * 100.0, &tags);
        if usage.inodes > 0.0 {
            let used = usage.inodes - usage.inodes_free;
            run.gauge("system.fs.inodes.total", usage.inodes, &tags);
            run.gauge("system.fs.inodes.used", used, &tags);
            run.gauge("system.fs.inodes.free", usage.inodes_free, &tags);
            run.gauge("system.fs.inodes.in_use", share(used, usage.inodes_free), &tags);
            run.gauge("system.fs.inodes.utilized", share(used, usage.inodes_free) * 100.0, &tags);
        }
    }
}

impl Check for Disk {
    fn run(&mut self) -> RunFuture<'_> {
        Box::pin(async {
            let mut run = self.collect().await.unwrap_or_else(Run::failed);
            add_tags(&mut run, &self.tags);
            run
        })
    }
}

impl Filter {
    fn new(settings: &Value) -> Self {
        let set = |key: &str| {
            let patterns = strings(settings.get(key));
            RegexSet::new(patterns.iter().map(|p| format!("^(?:{p})$"))).unwrap_or_default()
        };
        let of = |what: &str| ["device", "file_system", "mount_point"].map(|k| set(&format!("{k}_{what}")));
        Self {
            exclude: of("exclude"),
            include: of("include"),
            all: settings.get("all_partitions").is_some_and(truthy),
        }
    }

    /// The mounts to show: one a device, at its shortest mount point (a container's bind mounts show the same device).
    fn select(&self, mounts: Vec<Mount>) -> Vec<Mount> {
        let mut by_device: BTreeMap<String, Mount> = BTreeMap::new();
        for mount in mounts.into_iter().filter(|m| self.takes(m)) {
            match by_device.get(&mount.device) {
                Some(have) if have.point.len() <= mount.point.len() => {}
                _ => {
                    by_device.insert(mount.device.clone(), mount);
                }
            }
        }
        by_device.into_values().collect()
    }

    fn takes(&self, mount: &Mount) -> bool {
        let texts = [&mount.device, &mount.kind, &mount.point];
        if self.exclude.iter().zip(texts).any(|(set, text)| set.is_match(text)) {
            return false;
        }
        if self.include.iter().any(|set| !set.is_empty()) {
            return self.include.iter().zip(texts).any(|(set, text)| set.is_match(text));
        }
        if self.all {
            return true;
        }
        let nameless = mount.device.is_empty() || mount.device == "none";
        // In a container the root is an overlay, and the only disk there is; others are images' layers.
        let layer = mount.kind == "overlay" && mount.point != "/";
        !nameless && !layer && !PSEUDO.contains(&mount.kind.as_str())
    }
}

/// `/proc/mounts`: device, point, kind, with octal escapes for blanks.
fn parse_mounts(text: &str) -> Vec<Mount> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split(' ').map(unescape);
            Some(Mount { device: words.next()?, point: words.next()?, kind: words.next()? })
        })
        .collect()
}

fn unescape(word: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(word.to_owned(), |w, (from, to)| w.replace(from, to))
}

/// How full a file system is, in KiB.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Usage {
    total: f64,
    used: f64,
    free: f64,
    inodes: f64,
    inodes_free: f64,
}

fn usage(point: &str) -> Option<Usage> {
    let path = CString::new(point).ok()?;
    let mut out = std::mem::MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: `path` ends with NUL and `out` is large enough; it is read only when the call says it was filled.
    let stat = unsafe {
        if libc::statvfs(path.as_ptr(), out.as_mut_ptr()) != 0 {
            return None;
        }
        out.assume_init()
    };
    let kib = |blocks: libc::fsblkcnt_t| blocks as f64 * stat.f_frsize as f64 / 1024.0;
    (stat.f_blocks > 0).then(|| Usage {
        total: kib(stat.f_blocks),
        used: kib(stat.f_blocks - stat.f_bfree),
        free: kib(stat.f_bavail),
        inodes: stat.f_files as f64,
        inodes_free: stat.f_ffree as f64,
    })
}

#[cfg(test)]
mod tests;
