//! Which files expire.

use super::*;
use crate::parts::Content;

fn file(content: Content, last_ms: TimeMs) -> FileMeta {
    FileMeta {
        id: format!("{last_ms}"),
        dataset: content.dataset(),
        content,
        level: 1,
        org_min: 1,
        org_max: 1,
        first_ms: 0,
        last_ms,
        rows: 1,
        samples: 1,
        bytes: 1,
        crc32c: 0,
        begin_seq: 1,
        wide: Default::default(),
    }
}

#[test]
fn store_28_a_file_goes_when_its_last_row_is_expired_by_its_own_datasets_rule() {
    let files = [
        file(Content::Samples, 99),
        file(Content::Samples, 100),
        file(Content::Series, 50),
        file(Content::Sketches, 101),
        file(Content::Events, 99),
        file(Content::Events, 199),
        file(Content::Events, 200),
    ];
    let gone: Vec<(Content, i64)> = expired(&files, (100, 200), &RowPolicy::default(), 300)
        .iter()
        .map(|m| (m.content, m.last_ms))
        .collect();
    let expected =
        [(Content::Samples, 99), (Content::Series, 50), (Content::Events, 99), (Content::Events, 199)];
    assert_eq!(gone, expected);
}
