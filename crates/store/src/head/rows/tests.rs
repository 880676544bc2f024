//! Pieces of a head, joined and not.

use super::*;
use crate::rows::arbitrary::{batch, rows_of};
use oriel_model::{Row, Signal};

const ORG: OrgId = OrgId(1);

fn head_of(sizes: &[usize]) -> (RowHead, Vec<Row>) {
    let head = RowHead::new(Dataset::Logs, 1);
    let mut all = Vec::new();
    for (lsn, size) in sizes.iter().enumerate() {
        let rows: Vec<Row> = (0..*size).map(|i| Row::new((all.len() + i) as i64)).collect();
        head.insert(Arc::new(batch(Signal::Logs, &rows)), lsn as u64 + 1);
        all.extend(rows);
    }
    (head, all)
}

fn rows_in(head: &RowHead) -> Vec<Row> {
    head.pieces(ORG).iter().flat_map(|piece| rows_of(piece.batch())).collect()
}

#[test]
fn small_batches_are_joined_and_nothing_is_lost() {
    let (head, all) = head_of(&[1; 5_000]);
    assert!(head.pieces(ORG).len() < 40, "{} pieces", head.pieces(ORG).len());
    assert_eq!(rows_in(&head), all);
    assert_eq!((head.rows(), head.lsn_max()), (5_000, 5_000));
    let bytes: usize = head.pieces(ORG).iter().map(|piece| piece.bytes()).sum();
    assert_eq!(head.bytes(), bytes);
}

#[test]
fn a_large_batch_is_not_copied_for_small_ones() {
    let sizes: Vec<usize> = (0..300).map(|i| if i % 30 == 0 { 400 } else { 1 }).collect();
    let (head, all) = head_of(&sizes);
    assert!(head.pieces(ORG).len() < 80, "{} pieces", head.pieces(ORG).len());
    assert_eq!(rows_in(&head), all);
    let whole = head_of(&[10_000]).0;
    assert_eq!(whole.pieces(ORG).len(), 1);
}

#[test]
fn inserts_at_once_lose_nothing() {
    let head = RowHead::new(Dataset::Logs, 1);
    std::thread::scope(|scope| {
        for writer in 0..4_i64 {
            let head = &head;
            scope.spawn(move || {
                for i in 0..500 {
                    head.insert(Arc::new(batch(Signal::Logs, &[Row::new(writer * 1_000 + i)])), 1);
                }
            });
        }
    });
    let mut times: Vec<i64> = rows_in(&head).iter().map(|row| row.time_ns).collect();
    times.sort_unstable();
    let expected: Vec<i64> = (0..4).flat_map(|w| (0..500).map(move |i| w * 1_000 + i)).collect();
    assert_eq!(times, expected);
}
