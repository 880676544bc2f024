//! What an earlier version wrote, brought into today's form once, at the first start that meets it.
//!
//! The first version kept events beside service checks in files of one kind. Their events become wide rows, so that searches,
//! deletions and retention treat all events alike. Each file is replaced in one commit; a crash leaves the rest for the next start.

use crate::Result;
use crate::catalog::{Catalog, Contents};
use crate::file::{EventRow, EventScan, remove, wide, write_events};
use crate::parts::{CHECKS_ONLY, Content, FileMeta};
use crate::rows::events::batch_of;
use oriel_model::{Event, OrgId, ServiceCheck, Signal};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Replaces files that may hold events beside checks.
pub(super) async fn events(catalog: &Catalog, files: &Path, contents: &mut Contents) -> Result<()> {
    let is_old = |meta: &FileMeta| meta.content == Content::Events && meta.wide.tombstone != CHECKS_ONLY;
    for old in contents.files.clone().into_iter().filter(is_old) {
        let (dir, meta) = (files.to_owned(), old.clone());
        let split = tokio::task::spawn_blocking(move || split(&dir, &meta)).await;
        let outputs = split.map_err(|e| super::closed(&format!("an upgrade stopped: {e}")))??;
        catalog.replace(std::slice::from_ref(&old), &outputs).await?;
        remove(files, &old);
        catalog.forget(std::slice::from_ref(&old.id)).await?;
        contents.files.retain(|meta| meta.id != old.id);
        contents.files.extend(outputs);
    }
    contents.files.sort_by(|a, b| (a.begin_seq, &a.id).cmp(&(b.begin_seq, &b.id)));
    Ok(())
}

/// The same rows as files of today.
fn split(dir: &Path, old: &FileMeta) -> Result<Vec<FileMeta>> {
    let mut by_org: BTreeMap<OrgId, (Vec<Event>, Vec<ServiceCheck>)> = BTreeMap::new();
    let mut scan = EventScan::open(dir, old)?;
    while let Some((org, row)) = scan.next()? {
        let (events, checks) = by_org.entry(org).or_default();
        match row {
            EventRow::Event(event) => events.push(event),
            EventRow::Check(check) => checks.push(check),
        }
    }
    let mut outputs = Vec::new();
    for (org, (events, checks)) in by_org {
        let batch = Arc::new(batch_of(org, &events));
        outputs.extend(wide::write(dir, org, Signal::Events, &[batch])?);
        let mut of_checks = write_events(dir, old.level, org, &[], &checks)?;
        of_checks.iter_mut().for_each(|meta| meta.wide.tombstone = CHECKS_ONLY);
        outputs.extend(of_checks);
    }
    outputs.iter_mut().for_each(|meta| meta.begin_seq = old.begin_seq);
    Ok(outputs)
}
