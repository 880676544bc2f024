//! `system.fs.file_handles.*` from `/proc/sys/fs/file-nr`, and how many processes there are.

use super::{Collect, Proc, numbers};
use crate::check::{Failure, Run};

pub(super) struct FileHandle;

impl Collect for FileHandle {
    fn collect(&mut self, proc: &Proc, run: &mut Run) -> Result<(), Failure> {
        let text = proc.read("sys/fs/file-nr")?;
        let [allocated, unused, max] = numbers(&text)[..] else {
            return Err(Failure::new("/proc/sys/fs/file-nr has not three numbers"));
        };
        run.gauge("system.fs.file_handles.allocated", allocated, &[]);
        run.gauge("system.fs.file_handles.allocated_unused", unused, &[]);
        run.gauge("system.fs.file_handles.used", allocated - unused, &[]);
        run.gauge("system.fs.file_handles.max", max, &[]);
        if max > 0.0 {
            run.gauge("system.fs.file_handles.in_use", (allocated - unused) / max, &[]);
        }
        if let Ok(entries) = std::fs::read_dir(&proc.0) {
            let is_process = |name: &std::ffi::OsStr| name.as_encoded_bytes().iter().all(u8::is_ascii_digit);
            let processes = entries.flatten().filter(|e| is_process(&e.file_name())).count();
            run.gauge("system.proc.count", processes as f64, &[]);
        }
        Ok(())
    }
}
