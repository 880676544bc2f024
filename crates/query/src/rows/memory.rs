//! Memory of a question that grows while it runs: reserved from the query pool in steps (STORE 35).

use super::Rows;
use oriel_store::{Reservation, Result};

/// Small enough for the smallest pool, large enough that a big answer takes few steps.
const STEP_BYTES: usize = 4 << 20;

/// What one worker has reserved.
#[derive(Default)]
pub(super) struct Memory {
    held: Vec<Reservation>,
    reserved: usize,
}

impl Memory {
    /// Sees to it that this many bytes are reserved in all.
    pub(super) fn grow(&mut self, rows: &impl Rows, bytes: usize) -> Result<()> {
        while self.reserved < bytes {
            self.held.push(rows.reserve(STEP_BYTES)?);
            self.reserved += STEP_BYTES;
        }
        Ok(())
    }

    /// Takes over what another worker has reserved.
    pub(super) fn join(&mut self, mut other: Self) {
        self.held.append(&mut other.held);
        self.reserved += other.reserved;
    }
}
