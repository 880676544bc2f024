//! A scan that reads no block whose values the index counts (STORE 33): where a block lies wholly in range, every row of it
//! passes the filter, and the file's dictionary holds every value of the asked core fields, its counts are taken from there.

use super::run::{Ask, At, Direction, run};
use super::snapshot::{RowSnapshot, wanted};
use super::{Block, ScanRequest, ScanStats};
use crate::{Cancel, Result};
use oriel_model::{Core, Field};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// A value of one of the asked fields, and its rows by block.
struct Counted {
    field: usize,
    value: String,
    rows: HashMap<u32, u32>,
}

/// What the index of one piece says; `None` when it does not hold every value.
type Table = Option<Arc<Vec<Counted>>>;

impl RowSnapshot {
    /// [`RowSnapshot::scan`], where blocks that the index counts come as `count(accumulator, field, value, rows)`.
    pub fn scan_counted<A: Send>(
        &self,
        request: &ScanRequest,
        cancel: &Cancel,
        make: impl Fn() -> A + Sync,
        (fold, count): (
            impl Fn(&mut A, &Block) -> Result<()> + Sync,
            impl Fn(&mut A, (usize, &str), u32) -> Result<()> + Sync,
        ),
    ) -> Result<(Vec<A>, ScanStats)> {
        let _room = self.reserve(request.fields.len() + request.filter.fields().len())?;
        let fields: Option<Vec<Core>> = request.fields.iter().map(word_field).collect();
        // By the piece's number.
        let tables: Mutex<HashMap<usize, Table>> = Mutex::default();
        let ask = Ask { range: request.range, filter: &request.filter, direction: Direction::Newest };
        let read = |accumulator: &mut A, at: &At<'_>, stats: &mut ScanStats| {
            if let Some(fields) = &fields
                && at.block.all_match
                && at.piece.is_plain(&at.block, request.range)
                && let Some(table) = table_of(&tables, at, fields)?
            {
                stats.rows_matched += u64::from(at.block.rows);
                return table.iter().try_for_each(|counted| match counted.rows.get(&at.block.number) {
                    Some(rows) => count(accumulator, (counted.field, &counted.value), *rows),
                    None => Ok(()),
                });
            }
            let Some(block) = wanted(request, at)? else { return Ok(()) };
            stats.rows_matched += block.rows() as u64;
            fold(accumulator, &block)
        };
        run(self.view(), (&ask, cancel), make, read, |_| false)
    }
}

/// Core texts of few values, which the dictionary may hold whole.
fn word_field(field: &Field) -> Option<Core> {
    match field {
        Field::Core(core) if core.text_index().is_some_and(|i| i < Core::WORDS) => Some(*core),
        _ => None,
    }
}

fn table_of(tables: &Mutex<HashMap<usize, Table>>, at: &At<'_>, fields: &[Core]) -> Result<Table> {
    if let Some(known) = tables.lock().get(&at.number) {
        return Ok(known.clone());
    }
    let source = at.piece.source()?;
    let mut found = Vec::new();
    let mut complete = true;
    for (field, core) in fields.iter().enumerate() {
        complete = complete
            && source.values(*core, &mut |value, rows| {
                let rows = rows.iter().copied().collect();
                found.push(Counted { field, value: value.to_owned(), rows });
            })?;
    }
    let table = complete.then(|| Arc::new(found));
    tables.lock().insert(at.number, table.clone());
    Ok(table)
}
