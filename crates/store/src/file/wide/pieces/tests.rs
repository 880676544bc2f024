//! Patterns over messages find in a file's candidates all that they find without an index.

use super::*;
use crate::file::wide::WideFile;
use crate::file::wide::tests::{ALL_TIME, ORG, batches, every_block, write_rows};
use crate::rows::{BlockAsk, RowSource};
use oriel_model::{Columns, Core, Field, Filter, Glob, GlobPart, Pattern, Row, Signal};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::sync::Arc;

#[test]
fn letters_have_a_bit_each() {
    assert_eq!(letters(b"ba"), 3);
    assert_eq!(letters(b"z0"), 3 << 25);
    assert_eq!(letters(b"9_"), 3 << 35);
    assert_eq!(letters("\u{e9}".as_bytes()), 1 << 37);
    let every = "abcdefghijklmnopqrstuvwxyz0123456789_\u{e9}";
    assert_eq!(letters(every.as_bytes()), ALL_LETTERS);
}

/// Messages of a service by its number: few words that come again, one that seldom does, long ones, CJK.
fn message(random: &mut StdRng, service: usize) -> String {
    const WORDS: [[&str; 3]; 4] = [
        ["Length", "refused", "\u{c9}t\u{e9}_9"],
        ["GET", "upstream", "x86_64"],
        ["\u{4e2d}\u{6587}", "l\u{4e2d}ong", "Stra\u{df}e"],
        ["abc", "cab", "b_c"],
    ];
    let mut words: Vec<String> = (0..random.random_range(0..4))
        .map(|_| WORDS[service][random.random_range(0..3usize)].to_owned())
        .collect();
    match random.random_range(0..3000) {
        0 => words.push(format!("Rare{}", random.random::<u16>())),
        1 => words.push(format!("Q{}z", "Jk".repeat(random.random_range(28..40)))),
        2 => words.push(format!("{:032x}", random.random::<u128>())),
        3 => words.push(format!("\u{23a}{}", "\u{23a}\u{e9}".repeat(random.random_range(14..20)))),
        _ => {}
    }
    words.join([" ", "-", "=\""][random.random_range(0..3usize)])
}

fn rows(seed: u64, n: usize) -> Vec<Row> {
    let mut random = StdRng::seed_from_u64(seed);
    let row = |i: usize, random: &mut StdRng| {
        // Rows in the order of files: services one after the other, so that blocks differ.
        let service = i * 4 / n;
        let mut row = Row::new(1_700_000_000_000_000_000 + i as i64 * 1_000_000);
        row.set_text(Core::Service, ["a", "b", "c", "d"][service]);
        row.set_text(Core::Message, message(random, service));
        row
    };
    (0..n).map(|i| row(i, &mut random)).collect()
}

/// A pattern with pieces of a message that is there, or nearly.
fn test(rows: &[Row], random: &mut StdRng) -> Test {
    let rare = |row: &&Row| row.text(Core::Message).len() > 30;
    let picked = match random.random_bool(0.5) {
        true => rows.iter().filter(rare).nth(random.random_range(0..8)),
        false => None,
    };
    let picked = picked.unwrap_or(&rows[random.random_range(0..rows.len())]);
    let chars: Vec<char> = picked.text(Core::Message).chars().collect();
    let piece = |random: &mut StdRng| -> String {
        let from = random.random_range(0..=chars.len());
        let some = random.random_range(0..=(chars.len() - from).min(9));
        let mut text: String = chars[from..from + some].iter().collect();
        if random.random_bool(0.1) {
            text.push(['q', '7', ' '][random.random_range(0..3usize)]);
        }
        text
    };
    let (first, second) = (piece(random), piece(random));
    if random.random_bool(0.4) {
        let literal = |text: String| GlobPart::Literal(text.into());
        let middle = if random.random_bool(0.5) { GlobPart::Any } else { GlobPart::One };
        return Test::Glob(Glob::new([
            GlobPart::Any,
            literal(first),
            middle,
            literal(second),
            GlobPart::Any,
        ]));
    }
    let between = ["", ".*", "[a-z]?", "|", "\\b"][random.random_range(0..5usize)];
    let (begin, end) =
        [("", ""), ("^", ""), ("", "$"), ("(?i)", ""), ("(", ")+")][random.random_range(0..5usize)];
    let text = format!("{begin}{}{between}{}{end}", regex::escape(&first), regex::escape(&second));
    Test::Regex(Pattern(Arc::new(regex::Regex::new(&text).unwrap())))
}

/// How many blocks are left, after a look that none of the others has a wanted row.
fn check(file: &WideFile, test: Test) -> usize {
    let filter = Filter::Is(Field::Core(Core::Message), test);
    let mut left = 0;
    for filter in [Filter::Not(Box::new(filter.clone())), filter] {
        let named = file.blocks(&BlockAsk { org: ORG, range: ALL_TIME, filter: &filter }).unwrap().blocks;
        for block in every_block(file) {
            let open = file.open(&block).unwrap();
            let columns: &dyn Columns = &*open;
            let wanted = filter.select(columns).true_count() as u32;
            match named.iter().find(|b| b.number == block.number) {
                None => assert_eq!(wanted, 0, "{filter:?} lost rows of block {}", block.number),
                Some(b) => {
                    assert!(b.exact.is_none_or(|n| n == wanted), "{filter:?}: {b:?} where {wanted} pass");
                    assert!(!b.all_match || wanted == block.rows, "{filter:?}: {b:?} where {wanted} pass");
                }
            }
        }
        left = named.len();
    }
    left
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn store_33_no_row_that_a_pattern_wants_is_pruned(
        seed in any::<u64>(),
        n in 1_000_usize..50_000,
        level in 0_u8..2,
        signal in 0_usize..3,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let rows = rows(seed, n);
        let signal = [Signal::Logs, Signal::Spans, Signal::Events][signal];
        let meta = write_rows(dir.path(), level, &batches(signal, &rows, seed));
        let file = WideFile::open(dir.path(), &meta).unwrap();
        let mut random = StdRng::seed_from_u64(seed);
        for _ in 0..60 {
            check(&file, test(&rows, &mut random));
        }
    }
}

fn regex_of(text: &str) -> Test {
    Test::Regex(Pattern(Arc::new(regex::Regex::new(text).unwrap())))
}

#[test]
fn store_33_a_pattern_opens_the_blocks_that_may_match() {
    let dir = tempfile::tempdir().unwrap();
    let row = |i: usize| {
        let mut row = Row::new(1_700_000_000_000_000_000 + i as i64 * 1_000_000);
        row.set_text(Core::Service, if i < 60_000 { "front" } else { "shop" });
        let text = match i {
            _ if i < 60_000 => format!("GET /p/{} 200", i % 700),
            61_000 => "one Wholly-unseen word".to_owned(),
            _ => format!("order of length {}", i % 90),
        };
        row.set_text(Core::Message, text);
        row
    };
    let rows: Vec<Row> = (0..100_000).map(row).collect();
    let meta = write_rows(dir.path(), 1, &batches(Signal::Logs, &rows, 1));
    let file = WideFile::open(dir.path(), &meta).unwrap();
    assert_eq!(every_block(&file).len(), 13);
    let left = |text: &str| check(&file, regex_of(text));
    assert_eq!(left("length 4[0-9]$"), 6);
    assert_eq!(left("engt"), 6);
    assert_eq!(left("GET /p/"), 8);
    assert_eq!(left("holly-unse"), 1);
    assert_eq!(left("jumps"), 0);
    // The letters of the rare words could write it.
    assert_eq!(left("nowhere"), 1);
    assert_eq!(left("(?i)length"), 13);
}
