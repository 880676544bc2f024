//! Any byte may be wrong: the answer is an error or what was written, never a panic.

use super::*;

/// Reads all there is to read; the first error ends it.
fn read_all(dir: &Path, meta: &FileMeta) -> Result<usize> {
    let file = WideFile::open(dir, meta)?;
    let filter = Filter::Words(oriel_model::Words(vec![oriel_model::Word::Token("gateway".into())]));
    let mut rows = 0;
    for filter in [&Filter::All, &filter] {
        let ask = BlockAsk { org: ORG, range: ALL_TIME, filter };
        for block in file.blocks(&ask)?.blocks {
            let open = file.open(&block)?;
            open.times()?;
            open.weights()?;
            for field in open.every_field() {
                open.column(&field);
            }
            open.check()?;
            rows += open.whole(&(0..block.rows).collect::<Vec<_>>())?.len();
            file.batch(block.number as usize)?;
        }
    }
    Ok(rows)
}

#[test]
fn wrong_bytes_are_errors() {
    let dir = tempfile::tempdir().unwrap();
    let meta = write_rows(dir.path(), 1, &batches(Signal::Logs, &random_rows(9, 400), 9));
    let path = dir.path().join(meta.file_name());
    let good = std::fs::read(&path).unwrap();
    read_all(dir.path(), &meta).unwrap();
    let mut random = StdRng::seed_from_u64(1);
    let mut errors = 0;
    for _ in 0..600 {
        let mut bad = good.clone();
        let at = random.random_range(0..bad.len());
        bad[at] ^= 1 << random.random_range(0..8);
        std::fs::write(&path, &bad).unwrap();
        errors += usize::from(read_all(dir.path(), &meta).is_err());
        crate::file::verify(dir.path(), &meta).unwrap_err();
    }
    assert!(errors > 100, "{errors}");
}

#[test]
fn cut_files_are_errors() {
    let dir = tempfile::tempdir().unwrap();
    let meta = write_rows(dir.path(), 1, &batches(Signal::Logs, &random_rows(9, 50), 9));
    let path = dir.path().join(meta.file_name());
    let good = std::fs::read(&path).unwrap();
    for len in (0..good.len()).step_by(37) {
        std::fs::write(&path, &good[..len]).unwrap();
        let cut = FileMeta { bytes: len as u64, ..meta.clone() };
        assert!(WideFile::open(dir.path(), &cut).is_err());
    }
}

/// Heads that pass their checksum and say something else.
#[test]
fn a_head_of_any_bytes_is_an_answer() {
    let dir = tempfile::tempdir().unwrap();
    let meta = write_rows(dir.path(), 1, &batches(Signal::Logs, &random_rows(2, 300), 2));
    let file = WideFile::open(dir.path(), &meta).unwrap();
    let good = file.head.encode();
    let mut random = StdRng::seed_from_u64(1);
    for _ in 0..20_000 {
        let mut bad = good.clone();
        let at = random.random_range(0..bad.len());
        bad[at] = random.random();
        let _ = head::Head::decode(&bad);
        let _ = head::Head::decode(&bad[..at]);
    }
    assert_eq!(head::Head::decode(&good).unwrap().encode(), good);
}

#[test]
fn a_head_of_another_version_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let meta = write_rows(dir.path(), 1, &batches(Signal::Logs, &random_rows(2, 300), 2));
    let mut head = WideFile::open(dir.path(), &meta).unwrap().head.encode();
    head[0] = 1;
    let refused = head::Head::decode(&head).unwrap_err().to_string();
    assert!(refused.contains("a head of version 1 where 2 is read"), "{refused}");
}
