//! Requests that were counted already, so that one sent again counts once.

use hashbrown::HashSet;
use std::collections::VecDeque;

/// The last requests by their digests, a bounded number of them.
pub struct SeenRequests {
    known: HashSet<u128>,
    order: VecDeque<u128>,
    max: usize,
}

impl SeenRequests {
    pub fn new(max: usize) -> Self {
        Self { known: HashSet::new(), order: VecDeque::new(), max }
    }

    /// Whether a request is new; it is known from now on.
    pub fn is_new(&mut self, digest: u128) -> bool {
        if !self.known.insert(digest) {
            return false;
        }
        self.order.push_back(digest);
        if self.order.len() > self.max
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}
