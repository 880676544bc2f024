//! The buffer on a disk that may end anywhere.

use super::*;
use proptest::prelude::*;

fn payload(n: u32) -> Payload {
    Payload { route: Route::Series, body: format!("body {n} {}", "x".repeat((n % 50) as usize)).into_bytes() }
}

fn drain(buffer: &mut Buffer) -> Vec<Payload> {
    std::iter::from_fn(|| {
        let (payload, place) = buffer.first()?;
        buffer.sent(place);
        Some(payload)
    })
    .collect()
}

#[test]
fn what_was_not_sent_is_there_after_a_restart_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let all: Vec<Payload> = (0..20).map(payload).collect();
    let mut buffer = Buffer::open(dir.path(), 1 << 20).unwrap();
    buffer.append(&all[..10]).unwrap();
    for _ in 0..4 {
        let (_, place) = buffer.first().unwrap();
        buffer.sent(place);
    }
    drop(buffer);
    let mut buffer = Buffer::open(dir.path(), 1 << 20).unwrap();
    assert_eq!(buffer.payloads(), 6);
    buffer.append(&all[10..]).unwrap();
    assert_eq!(drain(&mut buffer), all[4..]);
    assert_eq!(buffer.first(), None);
    drop(buffer);
    assert_eq!(Buffer::open(dir.path(), 1 << 20).unwrap().payloads(), 0);
}

#[test]
fn a_flipped_bit_costs_the_rest_of_its_segment_and_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let mut buffer = Buffer::open(dir.path(), 1 << 20).unwrap();
    buffer.append(&[payload(1), payload(2), payload(3)]).unwrap();
    let (_, first) = buffer.first().unwrap();
    let path = segment_path(dir.path(), first.segment);
    let mut bytes = fs::read(&path).unwrap();
    bytes[first.end as usize + HEAD as usize] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_eq!(drain(&mut buffer), [payload(1)]);
    assert_eq!(buffer.dropped(), [("damaged".to_owned(), 2)]);
}

#[test]
fn a_full_segment_is_removed_once_sent() {
    let dir = tempfile::tempdir().unwrap();
    let mut buffer = Buffer::open(dir.path(), 64 << 10).unwrap();
    for n in 0..500 {
        buffer.append(&[payload(n)]).unwrap();
    }
    assert!(segment_ids(dir.path()).unwrap().len() > 1);
    assert_eq!(drain(&mut buffer).len(), 500);
    assert_eq!(segment_ids(dir.path()).unwrap().len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Cut anywhere, a segment gives its whole records and takes new ones after them.
    #[test]
    fn a_torn_tail_loses_only_itself(count in 1u32..30, cut in 0.0f64..1.0) {
        let dir = tempfile::tempdir().unwrap();
        let all: Vec<Payload> = (0..count).map(payload).collect();
        let mut buffer = Buffer::open(dir.path(), 1 << 20).unwrap();
        buffer.append(&all).unwrap();
        let path = segment_path(dir.path(), buffer.segments[0].id);
        drop(buffer);
        let bytes = fs::read(&path).unwrap();
        let len = (bytes.len() as f64 * cut) as usize;
        fs::write(&path, &bytes[..len]).unwrap();
        let mut whole = 0;
        let mut end = 0;
        for p in &all {
            end += p.body.len() + HEAD as usize;
            whole += usize::from(end <= len);
        }
        let mut buffer = Buffer::open(dir.path(), 1 << 20).unwrap();
        buffer.append(&[payload(999)]).unwrap();
        let mut want = all[..whole].to_vec();
        want.push(payload(999));
        prop_assert_eq!(drain(&mut buffer), want);
    }

    /// Whatever is appended and sent, the bound holds, and what comes out is what went in without the oldest.
    #[test]
    fn the_bound_holds(steps in prop::collection::vec(any::<bool>(), 1..150)) {
        let dir = tempfile::tempdir().unwrap();
        let bytes_max = 2 << 10;
        let mut buffer = Buffer::open(dir.path(), bytes_max).unwrap();
        let (mut n, mut got) = (0, Vec::new());
        for append in steps {
            if append {
                buffer.append(&[payload(n)]).unwrap();
                n += 1;
            } else if let Some((p, place)) = buffer.first() {
                buffer.sent(place);
                got.push(p);
            }
            prop_assert!(buffer.bytes() <= bytes_max);
        }
        got.extend(drain(&mut buffer));
        let lost = buffer.dropped().iter().map(|(_, n)| *n).sum::<u64>();
        prop_assert_eq!(got.len() as u64 + lost, u64::from(n));
        let order: Vec<_> = (0..n).map(payload).filter(|p| got.contains(p)).collect();
        prop_assert_eq!(got, order);
    }
}
