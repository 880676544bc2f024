//! Orders and counts of what a search finds.

use super::*;
use oriel_monitor::status::Status;

fn found(id: i64, name: &str, status: Status, priority: Option<i64>) -> Found {
    let entry = Entry {
        id,
        name: name.to_owned(),
        name_folded: name.to_lowercase(),
        kind: "log alert".to_owned(),
        priority,
        tags: vec!["env:prod".to_owned(), format!("team:{id}")],
        ..Entry::default()
    };
    Found { entry: Arc::new(entry), live: Live { status, ..Live::default() } }
}

fn sorted(sort: &str) -> Vec<i64> {
    let mut all = vec![
        found(1, "beta", Status::Ok, Some(2)),
        found(2, "Alpha", Status::Alert, None),
        found(3, "gamma", Status::Warn, Some(1)),
    ];
    Sort::parse(sort).unwrap().order(&mut all);
    all.iter().map(|f| f.entry.id).collect()
}

#[test]
fn orders() {
    for (sort, ids) in [
        ("", [2, 3, 1]),
        ("status,desc", [1, 3, 2]),
        ("name", [2, 1, 3]),
        ("name,desc", [3, 1, 2]),
        ("priority,asc", [3, 1, 2]),
        ("id", [1, 2, 3]),
    ] {
        assert_eq!(sorted(sort), ids, "{sort}");
    }
    assert!(Sort::parse("colour").is_err());
    assert!(Sort::parse("name,up").is_err());
}

#[test]
fn counts_name_the_frequent_tags_first() {
    let counts = Counts::of(&[found(1, "a", Status::Ok, None), found(2, "b", Status::Ok, None)]);
    assert_eq!(counts.status, BTreeMap::from([("OK", 2)]));
    assert_eq!(counts.kind, BTreeMap::from([("log alert".to_owned(), 2)]));
    let tags: Vec<(&str, usize)> = counts.tag.iter().map(|(t, n)| (t.as_str(), *n)).collect();
    assert_eq!(tags, [("env:prod", 2), ("team:1", 1), ("team:2", 1)]);
}
