//! What goes in comes out, promoted or not.

use super::*;
use oriel_model::Column;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn store_30_any_rows_come_back(seed in any::<u64>(), n in 1usize..1200, level in 0u8..2) {
        let dir = tempfile::tempdir().unwrap();
        let rows = random_rows(seed, n);
        let batches = batches(Signal::Logs, &rows, seed);
        let meta = write_rows(dir.path(), level, &batches);
        prop_assert_eq!(meta.rows, n as u64);
        let file = WideFile::open(dir.path(), &meta).unwrap();
        let read = read_rows(&file);
        let order: Vec<(&str, i64)> = read.iter().map(|r| (r.text(Core::Service), r.time_ns)).collect();
        prop_assert!(order.is_sorted());
        assert_same(&read, &rows_of(&batches));
    }

    #[test]
    fn store_30_columns_say_what_rows_say(seed in any::<u64>(), n in 1usize..800) {
        let dir = tempfile::tempdir().unwrap();
        let batches = batches(Signal::Spans, &random_rows(seed, n), seed);
        let file = WideFile::open(dir.path(), &write_rows(dir.path(), 1, &batches)).unwrap();
        for block in every_block(&file) {
            let open = file.open(&block).unwrap();
            let all: Vec<u32> = (0..block.rows).collect();
            let rows = open.whole(&all).unwrap();
            let odd: Vec<u32> = all.iter().copied().filter(|r| r % 2 == 1).collect();
            for field in open.every_field() {
                let (column, part) = (open.column(&field), open.column_at(&field, &odd));
                for (at, row) in rows.iter().enumerate() {
                    prop_assert_eq!(column.value(at), row.value(&field).unwrap_or_default(), "{}", field);
                }
                for (at, &row) in odd.iter().enumerate() {
                    prop_assert_eq!(part.value(at), column.value(row as usize));
                }
            }
            prop_assert!(matches!(open.column(&Field::attr("none")), Column::Absent));
        }
    }

    #[test]
    fn a_block_is_a_batch_again(seed in any::<u64>(), n in 1usize..1500) {
        let dir = tempfile::tempdir().unwrap();
        let rows = random_rows(seed, n);
        let batches = batches(Signal::Logs, &rows, seed);
        let meta = write_rows(dir.path(), 1, &batches);
        let file = WideFile::open(dir.path(), &meta).unwrap();
        let mut read = Vec::new();
        for block in 0..file.block_count() {
            let open = file.batch(block).unwrap();
            read.extend((0..open.batch.len()).map(|row| open.batch.row(row)));
            open.check().unwrap();
        }
        assert_same(&read, &rows_of(&batches));
    }
}

#[test]
fn many_blocks_and_groups() {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = random_rows(5, 150_000);
    // The last row group has none of these.
    for row in rows.iter_mut().filter(|row| row.text(Core::Service).is_empty()) {
        row.set_attribute(Field::attr("first.only"), Value::Text("x".into()));
        row.set_attribute(Field::attr("first.number"), Value::Int(1));
    }
    let batches = batches(Signal::Logs, &rows, 5);
    let meta = write_rows(dir.path(), 1, &batches);
    let file = WideFile::open(dir.path(), &meta).unwrap();
    assert_eq!(file.head.groups.len(), 2);
    assert_eq!(every_block(&file).len(), 150_000usize.div_ceil(8192));
    assert_same(&read_rows(&file), &rows_of(&batches));
    assert!(file.head.heap_bytes() < 256 << 10, "{}", file.head.heap_bytes());
}

#[test]
fn rows_without_anything() {
    let dir = tempfile::tempdir().unwrap();
    let rows = vec![Row::new(1), Row::new(-5)];
    let batches = batches(Signal::Events, &rows, 1);
    let meta = write_rows(dir.path(), 1, &batches);
    let file = WideFile::open(dir.path(), &meta).unwrap();
    assert_same(&read_rows(&file), &rows_of(&batches));
    assert_eq!(file.open(&every_block(&file)[0]).unwrap().times().unwrap().to_vec(), [-5, 1]);
    assert_eq!(write(dir.path(), ORG, Signal::Logs, &[]).unwrap(), None);
}

#[test]
fn weights_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = vec![Row::new(1), Row::new(2), Row::new(3)];
    rows[1].weight = 12.5;
    let batches = batches(Signal::Spans, &rows, 1);
    let meta = write_rows(dir.path(), 1, &batches);
    assert!(meta.wide.weighted);
    let file = WideFile::open(dir.path(), &meta).unwrap();
    let blocks = every_block(&file);
    assert_eq!(blocks[0].exact, None);
    let open = file.open(&blocks[0]).unwrap();
    assert_eq!(open.weights().unwrap().unwrap().to_vec(), [1.0, 12.5, 1.0]);
    assert_same(&read_rows(&file), &rows_of(&batches));
}
