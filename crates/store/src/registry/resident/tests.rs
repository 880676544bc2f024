//! Series leave when idle, make room, and a slot used again is not the old series.

use super::*;
use oriel_model::{MetricId, SeriesId, Tags};

const ORG: OrgId = OrgId(1);
const HOUR_MS: i64 = 3_600_000;

fn key(n: u64) -> SeriesKey {
    SeriesKey { metric: MetricId(n % 7), series: SeriesId(n.wrapping_mul(0x9E37_79B9_7F4A_7C15)) }
}

fn def(n: u64) -> Arc<SeriesDef> {
    Arc::new(SeriesDef { metric: format!("m{n}").into(), host: "".into(), tags: Tags::empty() })
}

#[test]
fn store_6_idle_series_leave_and_make_room() {
    let table = ResidentTable::new(10, HOUR_MS);
    let slots: Vec<u32> = (0..10).map(|n| table.admit(ORG, key(n), &def(n), 1).unwrap().slot).collect();
    assert_eq!(table.admit(ORG, key(10), &def(10), 1).err(), Some(Refusal::Limit));
    assert!(table.admit(OrgId(2), key(10), &def(10), 1).is_ok(), "another org has its own limit");
    for n in 0..10 {
        table.logged(ORG, key(n), 1);
    }
    table.retire(3 * HOUR_MS, 1);
    assert_eq!(table.len(ORG), 10, "generation 1 is open");
    assert!(table.holds(ORG, SeriesRef { key: key(4), slot: slots[4] }));
    table.retire(3 * HOUR_MS, 2);
    assert_eq!(table.len(ORG), 1, "only the one that was looked up stays");
    assert!(table.holds(ORG, SeriesRef { key: key(4), slot: slots[4] }));
    assert!(!table.holds(ORG, SeriesRef { key: key(5), slot: slots[5] }));
    assert!(table.admit(ORG, key(10), &def(10), 2).is_ok());
}

#[test]
fn store_4_a_slot_used_again_is_not_the_old_series() {
    let table = ResidentTable::new(10, HOUR_MS);
    let slot = table.admit(ORG, key(1), &def(1), 1).unwrap().slot;
    table.retire(3 * HOUR_MS, 2);
    let again =
        (2..200).map(|n| table.admit(ORG, key(n), &def(n), 2)).any(|a| a.is_ok_and(|a| a.slot == slot));
    assert!(again, "the slot was not used again");
    assert!(!table.holds(ORG, SeriesRef { key: key(1), slot }));
    assert!(!table.is_logged(ORG, SeriesRef { key: key(1), slot }, 2));
}

#[test]
fn bytes_return_when_series_leave() {
    let table = ResidentTable::new(usize::MAX, 0);
    for n in 0..1000 {
        table.restore(ORG, key(n), &def(n), 1);
    }
    assert!(table.bytes() > 1000 * ENTRY_BYTES);
    table.retire(2 * HOUR_MS, 2);
    assert_eq!((table.bytes(), table.len(ORG)), (0, 0));
}
