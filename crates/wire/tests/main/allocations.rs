//! The hot paths allocate nothing: a known DogStatsD context, a known series of a text line.

use crate::support::NOW;
use oriel_model::{Aggregator, AggregatorLimits, Limits, RawHasher};
use oriel_wire::statsd::Decoder;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts the allocations of each thread.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|n| n.set(n.get() + 1));
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract.
        unsafe { System.dealloc(ptr, layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.with(|n| n.set(n.get() + 1));
        // SAFETY: the caller keeps the contract.
        unsafe { System.realloc(ptr, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_known_statsd_context_allocates_nothing() {
    let mut aggregator = Aggregator::new(AggregatorLimits::default(), RawHasher::new([3; 192]), NOW);
    let mut decoder = Decoder::new("h", Limits::default());
    let packet = b"a.b:1|c|@0.5|#env:prod,x\ng:-1.5e3:2|g|#Env:PROD|c:in-1\nd:3|d|#x:1\nu:alice|s\n";
    decoder.packet(packet, NOW, &mut aggregator);
    let before = ALLOCATIONS.with(Cell::get);
    for _ in 0..1000 {
        decoder.packet(packet, NOW, &mut aggregator);
    }
    assert_eq!(ALLOCATIONS.with(Cell::get) - before, 0);
    assert_eq!(aggregator.contexts(), 4);
}
