//! Wide rows through a record and back, and bytes that are none.

use super::*;
use crate::record::RECORD_BYTES_MAX;
use crate::rows::arbitrary::{batch, rows, rows_of};
use oriel_model::{Row, Value};
use proptest::prelude::*;

fn through(rows: &[Row], range: Range<usize>) -> Vec<Row> {
    let record = encode_rows(&batch(Signal::Logs, rows), range);
    rows_of(&decode_rows(&record).unwrap())
}

proptest! {
    #[test]
    fn rows_come_back_as_they_went(rows in rows(40)) {
        prop_assert_eq!(through(&rows, 0..rows.len()), rows);
    }

    #[test]
    fn any_run_of_rows_comes_back(rows in rows(40), from in 0_usize..40, len in 0_usize..40) {
        let range = from.min(rows.len())..(from + len).min(rows.len());
        prop_assert_eq!(through(&rows, range.clone()), &rows[range]);
    }

    #[test]
    fn bytes_that_are_no_record_are_refused(rows in rows(10), at: prop::sample::Index, bits in 1_u8.., cut: bool) {
        let mut record = encode_rows(&batch(Signal::Spans, &rows), 0..rows.len());
        let at = at.index(record.len());
        if cut {
            record.truncate(at);
        } else {
            record[at] ^= bits;
        }
        if let Ok(decoded) = decode_rows(&record) {
            // What was accepted can be read.
            prop_assert_eq!(rows_of(&decoded).len(), decoded.len());
        }
    }

    #[test]
    fn garbage_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut record = vec![VERSION];
        record.extend(bytes);
        if let Ok(decoded) = decode_rows(&record) {
            prop_assert_eq!(rows_of(&decoded).len(), decoded.len());
        }
    }
}

fn text_row(bytes: usize) -> Row {
    let mut row = Row::new(1);
    row.set_text(Core::Message, "m".repeat(bytes.min(1 << 20)));
    let rest = bytes.saturating_sub(1 << 20);
    for (i, piece) in "v".repeat(rest).as_bytes().chunks(200 << 10).enumerate() {
        let text = String::from_utf8_lossy(piece).into_owned();
        row.attributes.push((Field::attr(&format!("a{i}")), Value::Text(text.into())));
    }
    row
}

#[test]
fn store_22_a_large_batch_is_cut_so_that_each_record_fits() {
    let rows: Vec<Row> = (0..30).map(|i| text_row(if i == 11 { 5 << 20 } else { 900 << 10 })).collect();
    let batch = batch(Signal::Logs, &rows);
    let parts = parts(&batch);
    assert_eq!(parts.oversized, [11]);
    let mut seen = Vec::new();
    for range in parts.records {
        let record = encode_rows(&batch, range.clone());
        assert!(record.len() <= RECORD_BYTES_MAX, "{} bytes", record.len());
        assert_eq!(rows_of(&decode_rows(&record).unwrap()), rows[range.clone()]);
        seen.extend(range);
    }
    let all: Vec<usize> = (0..30).filter(|i| *i != 11).collect();
    assert_eq!(seen, all);
}

#[test]
fn small_tables_of_many_rows_stay_whole() {
    let rows: Vec<Row> = (0..10_000).map(Row::new).collect();
    let parts = parts(&batch(Signal::Logs, &rows));
    assert_eq!((parts.records.first(), parts.records.len()), (Some(&(0..10_000)), 1));
    assert!(parts.oversized.is_empty());
}
