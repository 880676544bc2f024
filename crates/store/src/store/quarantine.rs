//! Records that can't be replayed or sealed are kept aside, one file each, so that the rest goes on and nothing is thrown away
//! (STORE 21).
//!
//! `DATA/store/quarantine/<lsn, 16 hex digits>-<n>.frame`: the frame as it stands in the log.

use super::core::{Core, Totals, io_error};
use crate::Result;
use crate::parts::{Dataset, Lsn};
use crate::wal::frame::{Frame, HEADER_BYTES};
use crate::wal::scan::scan;
use crate::wal::{recover, segment};
use std::path::{Path, PathBuf};

pub(super) fn folder(store: &Path) -> PathBuf {
    store.join("quarantine")
}

/// Keeps one frame. The same frame is kept once, however often a start meets it.
pub(super) fn keep(folder: &Path, frame: &Frame<'_>) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|e| io_error(folder, e))?;
    let path = folder.join(format!("{:016x}-{:x}.frame", frame.header.lsn, frame.at));
    let mut bytes = Vec::with_capacity(HEADER_BYTES + frame.payload.len());
    bytes.extend_from_slice(&frame.header.encode(0));
    bytes.extend_from_slice(frame.payload);
    std::fs::write(&path, bytes).map_err(|e| io_error(&path, e))
}

/// Keeps every record of a dataset that lies behind its mark, up to `lsn`: a generation that can't be sealed.
pub(super) fn generation(core: &Core, dataset: Dataset, lsn: Lsn) -> Result<()> {
    let folder = folder(&core.dir);
    let mark = core.wal.mark(dataset);
    let mut kept = 0;
    for (id, path) in segment::list(&core.dir.join("wal"))? {
        let bytes = recover::read(&path)?;
        for frame in &scan(&path, id, &bytes)?.frames {
            let header = &frame.header;
            if header.dataset == Some(dataset) && header.lsn > mark && header.lsn <= lsn {
                keep(&folder, frame)?;
                kept += 1;
            }
        }
    }
    Totals::add(&core.totals.quarantined, kept);
    Ok(())
}
