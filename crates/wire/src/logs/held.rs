//! The reserved attributes of the open row, until it is read whole: which of several counts is only known then.

use super::paths::{NodeId, ROOT, Role};
use super::reserved::Target;
use super::scan::Scalar;

/// A value that waits, and where it came from.
#[derive(Clone, Debug)]
pub(super) struct Waiting<'a> {
    rank: u8,
    pub(super) node: NodeId,
    pub(super) value: Scalar<'a>,
}

/// One place a target.
#[derive(Debug, Default)]
pub(super) struct Held<'a> {
    places: [Option<Waiting<'a>>; Target::COUNT],
}

impl<'a> Held<'a> {
    /// Takes a value, and gives back the one of two that counts less.
    #[inline]
    pub(super) fn offer(&mut self, role: Role, node: NodeId, value: Scalar<'a>) -> Option<Waiting<'a>> {
        let place = &mut self.places[role.target as usize];
        let offered = Waiting { rank: role.rank, node, value };
        match place {
            // The same attribute twice: the last counts, as for any other.
            Some(old) if old.rank < role.rank => Some(offered),
            Some(old) if old.rank == role.rank => {
                *old = offered;
                None
            }
            _ => place.replace(offered),
        }
    }

    /// Puts in a value that no attribute gave.
    pub(super) fn set(&mut self, target: Target, value: Scalar<'a>) {
        self.places[target as usize] = Some(Waiting { rank: 0, node: ROOT, value });
    }

    pub(super) fn get(&self, target: Target) -> Option<&Waiting<'a>> {
        self.places[target as usize].as_ref()
    }

    pub(super) fn take(&mut self, target: Target) -> Option<Waiting<'a>> {
        self.places[target as usize].take()
    }
}
