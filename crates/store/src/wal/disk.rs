//! The few disk operations of the log, with the faults that tests put in.
//!
//! In production every switch is off and costs one relaxed load an operation. Keeping them at this one place lets the crash
//! tests drive the real writer, rather than a double of it.

use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Faults of a disk, for tests. Cloned handles share their switches.
#[derive(Clone, Debug)]
pub struct Faults(Arc<Switches>);

#[derive(Debug)]
struct Switches {
    /// Bytes that may still be preallocated.
    quota_bytes: AtomicU64,
    /// Syncs that succeed before all fail; negative: no fault.
    syncs_left: AtomicI64,
    /// Bytes that are written before writes fail in the middle; negative: no fault.
    write_bytes_left: AtomicI64,
}

impl Default for Faults {
    fn default() -> Self {
        Self(Arc::new(Switches {
            quota_bytes: AtomicU64::new(u64::MAX),
            syncs_left: AtomicI64::new(-1),
            write_bytes_left: AtomicI64::new(-1),
        }))
    }
}

impl Faults {
    /// Lets this many more bytes be preallocated; then the disk is full. `u64::MAX`: no bound.
    pub fn set_quota(&self, bytes: u64) {
        self.0.quota_bytes.store(bytes, Ordering::Relaxed);
    }

    /// After `syncs` more syncs, every one fails.
    pub fn fail_syncs_after(&self, syncs: i64) {
        self.0.syncs_left.store(syncs, Ordering::Relaxed);
    }

    /// After `bytes` more bytes, writes are cut short and fail.
    pub fn cut_writes_after(&self, bytes: i64) {
        self.0.write_bytes_left.store(bytes, Ordering::Relaxed);
    }

    fn take_quota(&self, bytes: u64) -> io::Result<()> {
        let quota = &self.0.quota_bytes;
        let taken = quota.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| match left {
            u64::MAX => Some(u64::MAX),
            left => left.checked_sub(bytes),
        });
        taken.map(|_| ()).map_err(|_| io::Error::from_raw_os_error(libc::ENOSPC))
    }

    fn sync_allowed(&self) -> io::Result<()> {
        let left = self.0.syncs_left.load(Ordering::Relaxed);
        match left {
            0 => Err(io::Error::from_raw_os_error(libc::EIO)),
            n if n > 0 => {
                self.0.syncs_left.fetch_sub(1, Ordering::Relaxed);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// How many of `bytes` may be written; fewer than asked means that the write then fails.
    fn write_allowed(&self, bytes: usize) -> usize {
        let left = self.0.write_bytes_left.load(Ordering::Relaxed);
        if left < 0 {
            return bytes;
        }
        let allowed = bytes.min(usize::try_from(left).unwrap_or(usize::MAX));
        self.0.write_bytes_left.fetch_sub(i64::try_from(allowed).unwrap_or(i64::MAX), Ordering::Relaxed);
        allowed
    }
}

/// Makes the file's first `bytes` bytes really there, so that no later write into them meets a full disk.
pub(crate) fn preallocate(file: &mut File, bytes: u64, faults: &Faults) -> io::Result<()> {
    faults.take_quota(bytes)?;
    let len = libc::off_t::try_from(bytes).map_err(|_| io::Error::from_raw_os_error(libc::EFBIG))?;
    // SAFETY: the descriptor is open for the whole call; no memory is handed over.
    if unsafe { libc::fallocate(file.as_raw_fd(), 0, 0, len) } == 0 {
        return Ok(());
    }
    match io::Error::last_os_error() {
        e if matches!(e.raw_os_error(), Some(libc::EOPNOTSUPP | libc::ENOSYS)) => write_zeros(file, bytes),
        e => Err(e),
    }
}

/// For file systems without fallocate.
fn write_zeros(file: &mut File, bytes: u64) -> io::Result<()> {
    io::copy(&mut io::Read::take(io::repeat(0), bytes), file)?;
    Ok(())
}

/// Writes all slices at the file's position.
pub(crate) fn write_all(file: &mut File, mut slices: &mut [IoSlice<'_>], faults: &Faults) -> io::Result<()> {
    let total: usize = slices.iter().map(|s| s.len()).sum();
    let allowed = faults.write_allowed(total);
    if allowed < total {
        let joined: Vec<u8> = slices.iter().flat_map(|s| s.iter().copied()).take(allowed).collect();
        file.write_all(&joined)?;
        return Err(io::Error::from_raw_os_error(libc::EIO));
    }
    while !slices.is_empty() {
        match file.write_vectored(slices) {
            Ok(0) => return Err(io::Error::from(io::ErrorKind::WriteZero)),
            Ok(n) => IoSlice::advance_slices(&mut slices, n),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// fdatasync. An error here is final: the kernel may have dropped the dirty pages (DESIGN, fail-stop).
pub(crate) fn sync_data(file: &File, faults: &Faults) -> io::Result<()> {
    faults.sync_allowed()?;
    file.sync_data()
}

/// Makes the folder's entries durable.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
