//! Lines however the bytes are cut, and what happens to long ones and other encodings.

use super::*;
use proptest::prelude::*;

fn split(encoding: Encoding, chunks: &[&[u8]]) -> (Vec<Line>, LineSplitter) {
    let mut splitter = LineSplitter::new(encoding, 0);
    let mut lines = Vec::new();
    for chunk in chunks {
        splitter.feed(chunk, &mut lines);
    }
    (lines, splitter)
}

fn texts(lines: &[Line]) -> Vec<&str> {
    lines.iter().map(|l| l.text.as_str()).collect()
}

#[test]
fn a_line_without_its_end_is_held_back() {
    let (mut lines, mut splitter) = split(Encoding::Utf8, &[b"one\ntw", b"o\r\n\nthr"]);
    assert_eq!(texts(&lines), ["one", "two", ""]);
    assert_eq!(lines.iter().map(|l| l.end).collect::<Vec<_>>(), [4, 9, 10]);
    assert_eq!(splitter.position(), 13);
    lines.extend(splitter.finish());
    assert_eq!((texts(&lines)[3], lines[3].end), ("thr", 13));
    assert_eq!(splitter.finish(), None);
}

#[test]
fn utf_16_in_both_orders_cut_anywhere() {
    // The second character has the byte of a line end in it, and is none.
    let text = "\u{feff}a\u{0a0a}\u{1f600}\nb\r\n";
    let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (encoding, bytes) in [(Encoding::Utf16Le, le), (Encoding::Utf16Be, be)] {
        for cut in 0..bytes.len() {
            let (lines, splitter) = split(encoding, &[&bytes[..cut], &bytes[cut..]]);
            assert_eq!(texts(&lines), ["a\u{0a0a}\u{1f600}", "b"], "{encoding:?} cut at {cut}");
            assert_eq!(splitter.position(), bytes.len() as u64);
        }
    }
}

#[test]
fn a_line_that_is_too_long_goes_on_in_the_next() {
    let mut bytes = "é".repeat(LINE_BYTES_MAX / 2 + 600_000).into_bytes();
    bytes.extend(b"\nshort\n");
    let (lines, _) = split(Encoding::Utf8, &[&bytes[..1_500_001], &bytes[1_500_001..]]);
    assert_eq!(lines.iter().map(|l| l.is_cut).collect::<Vec<_>>(), [true, true, false, false]);
    let whole: String = lines[..3].iter().map(|l| l.text.as_str()).collect();
    assert_eq!(whole, "é".repeat(LINE_BYTES_MAX / 2 + 600_000), "no character is cut in two");
    assert_eq!(lines[3].text, "short");
    assert_eq!(lines[3].end, bytes.len() as u64);
}

proptest! {
    #[test]
    fn however_it_is_cut_the_lines_are_the_same(text in "[a-zé\n\r]{0,60}", cuts in proptest::collection::vec(0..60_usize, 0..6)) {
        let bytes = text.as_bytes();
        let whole = split(Encoding::Utf8, &[bytes]).0;
        let mut at: Vec<usize> = cuts.into_iter().map(|c| c.min(bytes.len())).chain([0, bytes.len()]).collect();
        at.sort_unstable();
        let chunks: Vec<&[u8]> = at.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
        let (lines, splitter) = split(Encoding::Utf8, &chunks);
        prop_assert_eq!(&lines, &whole);
        prop_assert_eq!(splitter.position(), bytes.len() as u64);
        let joined: Vec<&str> = text.split_inclusive('\n').filter(|l| l.ends_with('\n')).collect();
        prop_assert_eq!(lines.len(), joined.len());
        prop_assert_eq!(lines.last().map_or(0, |l| l.end), joined.iter().map(|l| l.len() as u64).sum::<u64>());
    }
}
