//! What is imported, and in which order.

use super::*;

#[test]
fn composites_come_behind_their_members_and_follow_their_ids() {
    let composite = |id: i64, query: &str| json!({"id": id, "type": "composite", "query": query});
    let metric = |id: i64| json!({"id": id, "type": "query alert", "query": "x"});
    let all =
        vec![composite(3, "4 || 1"), composite(4, "1 && !2"), metric(1), metric(2), composite(9, "9 && 1")];
    let ids: Vec<i64> = in_order(all).iter().filter_map(|d| d["id"].as_i64()).collect();
    assert_eq!(ids, [1, 2, 4, 3, 9]);
    let ids = BTreeMap::from([(1, 101), (2, 12), (12, 7)]);
    assert_eq!(renumbered("(1 && !2) || 12 || 5", &ids), "(101 && !12) || 7 || 5");
}

#[test]
fn a_list_an_export_and_one_alone_are_taken() {
    let one = json!({"name": "x"});
    assert_eq!(documents(json!([one])).unwrap().len(), 1);
    assert_eq!(documents(json!({"monitors": [one, one]})).unwrap().len(), 2);
    assert_eq!(documents(one.clone()).unwrap(), [one]);
    assert!(documents(json!("x")).is_err() && documents(json!(vec![0; 2_001])).is_err());
}
