//! Joined batches hold the rows of their parts.

use super::*;
use crate::rows::arbitrary::{batch, rows, rows_of};
use oriel_model::{OrgId, Signal};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_join_has_the_rows_of_its_parts_in_their_order(
        parts in prop::collection::vec((rows(12), 0_usize..12, 0_usize..12), 0..6),
    ) {
        let mut join = Join::new(OrgId(1), Signal::Spans);
        let mut expected = Vec::new();
        for (rows, from, len) in &parts {
            let range = (*from).min(rows.len())..(from + len).min(rows.len());
            join.add(&batch(Signal::Spans, rows), range.clone());
            expected.extend_from_slice(&rows[range]);
        }
        let joined = join.finish();
        prop_assert_eq!(rows_of(&joined), expected);
        for words in &joined.words {
            prop_assert!(words.rows.is_empty() || words.rows.len() == joined.len());
        }
    }
}
