//! The catalog: transactions that take all or nothing, and what a reopened one says.

use super::*;
use crate::parts::Content;
use oriel_model::{Core, Field, Filter, HostTags, OrgId, Signal, Test};

fn meta(id: &str, content: Content) -> FileMeta {
    FileMeta {
        id: id.into(),
        dataset: content.dataset(),
        content,
        level: 0,
        org_min: 1,
        org_max: 7,
        first_ms: -5,
        last_ms: 1_700_000_000_000,
        rows: 10,
        samples: 100,
        bytes: 1 << 40,
        crc32c: u32::MAX,
        begin_seq: 0,
        wide: crate::parts::WideMeta::default(),
    }
}

async fn seal(catalog: &Catalog, lsn: u64, files: &mut [FileMeta]) -> Result<()> {
    let mark = Mark { lsn, generation: lsn };
    catalog.seal(&mut Sealed { dataset: Dataset::Metrics, mark, files, digests: vec![1, 2] }).await
}

#[tokio::test]
async fn store_19_files_and_mark_commit_together_and_are_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let (catalog, contents) = Catalog::open(dir.path()).await.unwrap();
    assert!(contents.files.is_empty() && contents.marks == [Mark::default(); Dataset::COUNT]);
    let mut files = [meta("a", Content::Samples), meta("b", Content::Series)];
    seal(&catalog, 42, &mut files).await.unwrap();
    assert_eq!(files[0].begin_seq, files[1].begin_seq);
    catalog.close().await.unwrap();
    let (_, again) = Catalog::open(dir.path()).await.unwrap();
    assert_eq!(again.files, files);
    assert_eq!(again.marks[..2], [Mark { lsn: 42, generation: 42 }, Mark::default()]);
    assert_eq!(again.digests[0], [1, 2]);
    assert_eq!(again.identity_key, contents.identity_key);
}

#[tokio::test]
async fn a_commit_that_fails_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (catalog, _) = Catalog::open(dir.path()).await.unwrap();
    seal(&catalog, 1, &mut [meta("a", Content::Samples)]).await.unwrap();
    let twice = &mut [meta("b", Content::Samples), meta("a", Content::Samples)];
    assert!(seal(&catalog, 2, twice).await.is_err(), "an id is unique");
    catalog.close().await.unwrap();
    let (contents, problems) = Catalog::inspect(dir.path()).await.unwrap();
    assert_eq!((contents.files.len(), contents.marks[0].lsn), (1, 1));
    assert!(problems.is_empty(), "{problems:?}");
}

#[tokio::test]
async fn a_compaction_whose_input_has_gone_is_given_up() {
    let dir = tempfile::tempdir().unwrap();
    let (catalog, _) = Catalog::open(dir.path()).await.unwrap();
    let mut files = [meta("a", Content::Samples), meta("b", Content::Samples)];
    seal(&catalog, 1, &mut files).await.unwrap();
    catalog.replace(&files[..1], &[meta("c", Content::Samples)]).await.unwrap();
    let late = catalog.replace(&files, &[meta("d", Content::Samples)]).await;
    assert!(matches!(late, Err(Error::Corrupt { .. })));
    drop(catalog);
    let (catalog, contents) = Catalog::open(dir.path()).await.unwrap();
    let ids = |files: &[FileMeta]| files.iter().map(|f| f.id.clone()).collect::<Vec<_>>();
    assert_eq!(
        (ids(&contents.files), ids(&contents.condemned)),
        (vec!["c".into(), "b".into()], vec!["a".into()])
    );
    catalog.forget(&["a".into(), "b".into()]).await.unwrap();
    catalog.close().await.unwrap();
    let (contents, _) = Catalog::inspect(dir.path()).await.unwrap();
    assert_eq!((contents.files.len(), contents.condemned.len()), (2, 0), "a live file is not forgotten");
}

#[tokio::test]
async fn store_26_an_earlier_writer_commits_nothing_more() {
    let dir = tempfile::tempdir().unwrap();
    let (catalog, _) = Catalog::open(dir.path()).await.unwrap();
    {
        let mut connection = catalog.connection.lock().await;
        schema::become_writer(&mut connection).await.unwrap();
    }
    assert!(matches!(seal(&catalog, 1, &mut []).await, Err(Error::Closed(_))));
}

#[tokio::test]
async fn store_7_host_tags_hold_from_their_time_on() {
    let dir = tempfile::tempdir().unwrap();
    let (catalog, _) = Catalog::open(dir.path()).await.unwrap();
    let tags = |tag: &str, from_ms| HostTags {
        host: "h".into(),
        source: "users".into(),
        tags: if tag.is_empty() { vec![] } else { vec![tag.into()] },
        from_ms,
        to_ms: 0,
    };
    catalog.set_host_tags(OrgId(1), &tags("a", 10)).await.unwrap();
    catalog.set_host_tags(OrgId(2), &tags("other", 10)).await.unwrap();
    let rows = catalog.set_host_tags(OrgId(1), &tags("b", 20)).await.unwrap();
    let mine = |rows: &[(OrgId, HostTags)]| {
        let mut list: Vec<_> = rows
            .iter()
            .filter(|(org, _)| org.0 == 1)
            .map(|(_, t)| (t.tags.join(","), t.from_ms, t.to_ms))
            .collect();
        list.sort_by_key(|t| t.1);
        list
    };
    assert_eq!(mine(&rows), [("a".into(), 10, 20), ("b".into(), 20, i64::MAX)]);
    let rows = catalog.set_host_tags(OrgId(1), &tags("", 30)).await.unwrap();
    assert_eq!(mine(&rows), [("a".into(), 10, 20), ("b".into(), 20, 30)]);
    assert_eq!(catalog.expire_host_tags(25).await.unwrap(), 1);
    catalog.close().await.unwrap();
    let (contents, _) = Catalog::inspect(dir.path()).await.unwrap();
    assert_eq!(mine(&contents.host_tags), [("b".into(), 20, 30)]);
}

#[tokio::test]
async fn a_closed_catalog_is_one_small_file() {
    let dir = tempfile::tempdir().unwrap();
    let (catalog, _) = Catalog::open(dir.path()).await.unwrap();
    for i in 0..20 {
        seal(&catalog, i + 1, &mut [meta(&format!("f{i}"), Content::Samples)]).await.unwrap();
    }
    catalog.close().await.unwrap();
    let sizes: Vec<(String, u64)> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap())
        .map(|e| (e.file_name().into_string().unwrap(), e.metadata().unwrap().len()))
        .filter(|(name, _)| name != "reserve")
        .collect();
    assert_eq!(sizes.len(), 1, "{sizes:?}");
    assert!(sizes[0].1 <= 64 << 10, "{sizes:?}");
}

#[tokio::test]
async fn a_catalog_of_the_first_version_is_brought_up_to_date() {
    let dir = tempfile::tempdir().unwrap();
    let (catalog, _) = Catalog::open(dir.path()).await.unwrap();
    let mut files = [meta("a", Content::Events)];
    seal(&catalog, 1, &mut files).await.unwrap();
    {
        let mut connection = catalog.connection.lock().await;
        let back =
            ["rules", "class", "tombstone", "weighted"].map(|c| format!("ALTER TABLE file DROP COLUMN {c}"));
        let tables = ["tombstone", "keep_rule"].map(|t| format!("DROP TABLE {t}"));
        let format = "UPDATE identity SET format = 1".to_owned();
        for statement in back.into_iter().chain(tables).chain([format]) {
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *connection).await.unwrap();
        }
    }
    catalog.close().await.unwrap();
    let before = Catalog::inspect(dir.path()).await.err().unwrap().to_string();
    assert!(before.contains("start the server"), "{before}");
    let (catalog, contents) = Catalog::open(dir.path()).await.unwrap();
    assert_eq!((&contents.files[..], contents.tombstones.len()), (&files[..], 0));
    catalog.close().await.unwrap();
    assert!(Catalog::inspect(dir.path()).await.is_ok());
}

#[tokio::test]
async fn store_29_deletions_and_rules_outlive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (catalog, _) = Catalog::open(dir.path()).await.unwrap();
    let filter = || Filter::Is(Field::Core(Core::Status), Test::Equals("error".into()));
    let range = crate::NsRange { start: -5, end: i64::MAX };
    let mut tombstone = Tombstone {
        id: 0,
        org: OrgId(3),
        signal: Signal::Spans,
        range,
        query: "status:error".into(),
        filter: filter(),
        sequence: 0,
        created_ms: 9,
        rows: 12,
    };
    catalog.add_tombstone(&mut tombstone, &[]).await.unwrap();
    let first = tombstone.clone();
    catalog.add_tombstone(&mut tombstone, &[first.id]).await.unwrap();
    assert!(tombstone.id > first.id);
    let (name, query) = ("errors".to_owned(), "status:error".to_owned());
    let rule = crate::RetentionRule { name, signal: Signal::Logs, filter: filter(), query, keep_ms: 7 };
    let rules = catalog.set_rules(OrgId(3), &[rule.clone(), rule.clone()]).await.unwrap();
    catalog.set_rules(OrgId(4), std::slice::from_ref(&rule)).await.unwrap();
    let none = catalog.set_rules(OrgId(4), &[]).await.unwrap();
    assert!(none.is_empty());
    catalog.close().await.unwrap();
    let (_, contents) = Catalog::open(dir.path()).await.unwrap();
    assert_eq!(contents.tombstones, [tombstone]);
    assert_eq!(contents.rules, rules);
}
