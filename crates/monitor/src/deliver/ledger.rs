//! What became of attempts and could not be written down: the disk is full, say. It is written down later, and never sent again for
//! it: as long as anything is here, nothing else is sent, or a receiver would get the same again and again.

use super::lanes::Lanes;
use oriel_model::OrgId;
use oriel_state::{Delivery, DeliveryOutcome, State};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

type Id = (OrgId, String, String);

/// See the module's head. It holds at most what was being sent at once.
#[derive(Default)]
pub(super) struct Ledger {
    owed: Mutex<HashMap<Id, (Delivery, DeliveryOutcome)>>,
}

fn id(delivery: &Delivery) -> Id {
    (delivery.org, delivery.key.clone(), delivery.handle.clone())
}

impl Ledger {
    /// Writes an outcome down, or keeps it until that works.
    pub(super) async fn keep(&self, state: &State, delivery: &Delivery, outcome: DeliveryOutcome) {
        if let Err(e) = state.keep_attempt(delivery, &outcome).await {
            tracing::error!(
                key = delivery.key,
                "an attempt can't be written down; nothing is sent until it can: {e}"
            );
            self.owed.lock().insert(id(delivery), (delivery.clone(), outcome));
        }
    }

    pub(super) fn has(&self, delivery: &Delivery) -> bool {
        self.owed.lock().contains_key(&id(delivery))
    }

    /// Writes down what is owed; says whether all of it is written.
    pub(super) async fn settle(&self, state: &State) -> bool {
        let owed: Vec<_> = self.owed.lock().values().cloned().collect();
        for (delivery, outcome) in owed {
            if let Err(e) = state.keep_attempt(&delivery, &outcome).await {
                tracing::warn!(key = delivery.key, "an attempt still can't be written down: {e}");
                return false;
            }
            self.owed.lock().remove(&id(&delivery));
        }
        true
    }
}

/// A delivery's place in its lane: given back however the attempt ends.
pub(super) struct Place {
    pub(super) lanes: Arc<Mutex<Lanes>>,
    pub(super) delivery: Delivery,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.lanes.lock().done(&self.delivery);
    }
}
