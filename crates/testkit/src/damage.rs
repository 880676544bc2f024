//! Files damaged on purpose: what a power cut or a bad disk leaves.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// The segment of the log with the highest id that holds anything but zeros behind its header of 32 bytes.
pub fn newest_segment(data: &Path) -> PathBuf {
    let mut segments: Vec<PathBuf> = std::fs::read_dir(data.join("store/wal"))
        .expect("the log's folder")
        .map(|e| e.unwrap().path())
        .collect();
    segments.sort();
    let written = |path: &PathBuf| std::fs::read(path).unwrap().iter().skip(32).any(|b| *b != 0);
    segments.into_iter().rfind(written).expect("a written segment")
}

/// Zeroes the last `bytes` bytes that were written.
pub fn cut_tail(path: &Path, bytes: usize) {
    let content = std::fs::read(path).unwrap();
    let end = content.iter().rposition(|b| *b != 0).map_or(0, |i| i + 1);
    let start = end.saturating_sub(bytes).max(32);
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(&vec![0; end - start], start as u64).unwrap();
}

/// Turns one bit of a file over.
pub fn flip_bit(path: &Path, at: u64) {
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 1], at).unwrap();
}
