//! Files of wide rows: logs, spans and events as Parquet, sorted by service and time, with an index of their own.
//!
//! Each file promotes the attributes and tags that are frequent in it to typed columns and keeps the others in one sorted map
//! (STORE 30); a row read back has the same logical values whatever was promoted. A block is a page of every column, so that it
//! is read alone. The index only prunes, but for counts it knows exactly (STORE 33). The layout is in `docs/formats/files.md`.

mod batch;
mod block;
mod bloom;
mod cells;
mod columns;
mod decode;
mod dictionary;
mod foreign;
mod head;
mod index;
mod open;
mod pack;
mod pack_bytes;
mod page;
mod pieces;
mod prune;
mod rest;
mod schema;
mod terms;
mod write;

use crate::Result;
use crate::parts::{FileMeta, WideMeta};
use oriel_model::{Core, OrgId, RowBatch, Signal};
use std::path::Path;
use std::sync::Arc;

pub(crate) use batch::WideBatch;
pub(crate) use decode::WideCache;
pub(crate) use open::WideFile;
pub(crate) use schema::Census;
pub(crate) use write::{Effort, WideWriter};

/// Memory of open files' heads and of the pieces of them that are cached.
pub(crate) fn resident_bytes() -> usize {
    WideCache::shared().bytes() + open::heads_bytes()
}

/// Writes a head's batches, of one org and signal, as one file of level 0; none when there are no rows.
pub(crate) fn write(
    dir: &Path,
    org: OrgId,
    signal: Signal,
    batches: &[Arc<RowBatch>],
) -> Result<Option<FileMeta>> {
    write_as(dir, Effort::of_level(0), (org, signal), batches)
}

fn write_as(
    dir: &Path,
    effort: Effort,
    (org, signal): (OrgId, Signal),
    batches: &[Arc<RowBatch>],
) -> Result<Option<FileMeta>> {
    let mut census = Census::default();
    batches.iter().for_each(|batch| census.add_batch(batch));
    let schema = census.schema(org, signal);
    let mut writer = WideWriter::create(dir, schema, effort, WideMeta::default())?;
    for (slot, batch) in batches.iter().enumerate() {
        writer.attach(slot, batch);
    }
    for (slot, row) in sorted(batches) {
        let (slot, row) = (slot as usize, row as usize);
        let batch = &batches[slot];
        writer.push(slot, batch, row, batch.weight(row))?;
    }
    writer.finish()
}

/// The rows of some batches by service and time, as they came where both are equal: numbers of batch and row.
fn sorted(batches: &[Arc<RowBatch>]) -> Vec<(u32, u32)> {
    let mut names: Vec<&str> = batches
        .iter()
        .flat_map(|b| b.words[Core::Service as usize].values.iter().map(AsRef::as_ref))
        .collect();
    names.push("");
    names.sort_unstable();
    names.dedup();
    let mut keys: Vec<(u32, i64, u32, u32)> = Vec::with_capacity(batches.iter().map(|b| b.len()).sum());
    for (slot, batch) in batches.iter().enumerate() {
        let words = &batch.words[Core::Service as usize];
        let rank = |name: &str| names.binary_search(&name).unwrap_or(0) as u32;
        let ranks: Vec<u32> = words.values.iter().map(|name| rank(name)).collect();
        for row in 0..batch.len() {
            let word = words.rows.get(row).copied().unwrap_or(0) as usize;
            let service = ranks.get(word).copied().unwrap_or(0);
            keys.push((service, batch.time_ns[row], slot as u32, row as u32));
        }
    }
    keys.sort_unstable();
    keys.into_iter().map(|(_, _, slot, row)| (slot, row)).collect()
}

#[cfg(test)]
pub(crate) mod tests;
