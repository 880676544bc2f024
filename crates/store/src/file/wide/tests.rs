//! Any rows, in any batches, come back as they were; nothing that is wanted is pruned; damage is an error.
