//! Orgs in turn, and what fits a round.

use super::*;
use crate::parts::Dataset;
use crate::wal::Record;
use std::sync::Arc;
use tokio::sync::Semaphore;

fn lines(requests: &[(u32, usize)]) -> Lines {
    let room = Arc::new(Semaphore::new(requests.len()));
    let mut lines = Lines::default();
    for &(org, bytes) in requests {
        let records = vec![Record::new(0, vec![1])];
        let commit = Commit { org: OrgId(org), dataset: Dataset::Metrics, generation: 1, digest: 0, records };
        let permit = Arc::clone(&room).try_acquire_owned().unwrap();
        lines.push(Request { commit, bytes, reply: oneshot::channel().0, _room: permit });
    }
    lines
}

fn orgs(round: &[Request]) -> Vec<u32> {
    round.iter().map(|r| r.commit.org.0).collect()
}

#[test]
fn store_22_orgs_come_in_turn() {
    let mut lines = lines(&[(1, 10), (1, 10), (1, 10), (2, 10), (3, 10), (3, 10)]);
    assert_eq!(orgs(&lines.take_round()), [1, 2, 3, 1, 3, 1]);
    assert!(lines.take_round().is_empty());
}

#[test]
fn store_22_a_round_is_bounded_and_a_larger_request_goes_alone() {
    let half = ROUND_BYTES_MAX / 2;
    let mut lines = lines(&[(1, ROUND_BYTES_MAX + 1), (2, half), (1, half), (2, half), (1, 1)]);
    assert_eq!(orgs(&lines.take_round()), [1]);
    assert_eq!(orgs(&lines.take_round()), [2, 1]);
    assert_eq!(orgs(&lines.take_round()), [2, 1]);
}
