//! Admission and publication: nothing known before it is durable, limits and collisions refuse newcomers only.

use super::*;
use crate::head::MetricHead;
use oriel_model::{Kind, Limits, MetricBatchBuilder, Tags, TimeRange};

const ORG: OrgId = OrgId(1);
const LIMITS: RegistryLimits =
    RegistryLimits { series_per_org: 3, raw_cache_bytes: 1 << 20, index_bytes: 1 << 20 };

fn def(name: &str) -> SeriesDef {
    SeriesDef { metric: name.into(), host: "h".into(), tags: Tags::canonical(["a:b"]) }
}

/// One sample at time 1 for each name; says which names were parsed.
fn batch(registry: &Arc<Registry>, names: &[&str]) -> (MetricBatch, Vec<String>) {
    let resolver = registry.resolver(ORG);
    let limits = Limits::default();
    let mut parsed = vec![];
    let mut builder = MetricBatchBuilder::new(ORG, &*resolver, &limits, TimeRange::all(), ("test", ""));
    for name in names {
        let raw = builder.key(name.as_bytes());
        let ordinal = builder.series(raw, Kind::Gauge, 0, || {
            parsed.push((*name).to_owned());
            Ok(def(name))
        });
        builder.sample(ordinal.unwrap(), 1, 2.0);
    }
    (builder.finish().0, parsed)
}

fn defined(admission: &Admission) -> Vec<bool> {
    admission.defs.iter().map(Option::is_some).collect()
}

#[test]
fn store_5_nothing_is_known_before_it_is_published() {
    let registry = Registry::new([7; 16], LIMITS, 0);
    let (mut first, parsed) = batch(&registry, &["a", "b"]);
    assert_eq!(parsed, ["a", "b"]);
    let admission = registry.admit(&mut first, 1).unwrap();
    let (mut second, parsed) = batch(&registry, &["a"]);
    assert_eq!(parsed, ["a"], "admitted, but its record may still fail");
    assert_eq!(defined(&registry.admit(&mut second, 1).unwrap()), [true], "so this record defines it too");

    registry.publish(&first, &admission, &[]);
    let (mut third, parsed) = batch(&registry, &["a", "b"]);
    assert!(parsed.is_empty());
    assert_eq!(defined(&registry.admit(&mut third, 1).unwrap()), [false, false]);
    assert_eq!(third.series[0].key, first.series[0].key);
}

#[test]
fn store_5_each_generation_logs_definitions_anew() {
    let registry = Registry::new([7; 16], LIMITS, 0);
    let (mut first, _) = batch(&registry, &["a"]);
    let admission = registry.admit(&mut first, 1).unwrap();
    registry.publish(&first, &admission, &[]);
    let (mut next, _) = batch(&registry, &["a"]);
    let stale = registry.admit(&mut next, 1).unwrap();
    assert_eq!(defined(&stale), [false]);
    let admission = registry.admit(&mut next, 2).unwrap();
    assert_eq!(defined(&admission), [true]);
    assert_eq!(*admission.defs[0].clone().unwrap(), def("a"));
    let head = MetricHead::new(2);
    assert!(head.insert(&next, &stale.defs, 1).is_err(), "a head takes no series without its definition");
    assert!(head.insert(&next, &admission.defs, 1).is_ok());
}

#[test]
fn store_6_at_the_limit_newcomers_are_refused_and_known_ones_go_on() {
    let registry = Registry::new([7; 16], LIMITS, 0);
    let (mut first, _) = batch(&registry, &["a", "b"]);
    let admission = registry.admit(&mut first, 1).unwrap();
    registry.publish(&first, &admission, &[]);
    let (mut more, _) = batch(&registry, &["a", "c", "d", "b", "e"]);
    let admission = registry.admit(&mut more, 1).unwrap();
    assert_eq!(admission.rejections.counts(), [(Reason::SeriesLimit, 2)]);
    assert_eq!(more.series.iter().map(|s| s.len).collect::<Vec<_>>(), [1, 1, 0, 1, 0]);
    registry.publish(&more, &admission, &[]);
    assert_eq!(registry.active(ORG), 3);
    let (_, parsed) = batch(&registry, &["a", "b", "c", "d", "e"]);
    assert_eq!(parsed, ["d", "e"], "refused ones are not published");
}

#[test]
fn store_3_a_collision_rejects_the_newcomer() {
    let weak = Identity::weakened([7; 16], 0);
    let registry = Registry::with_identity(weak, LIMITS, 0);
    let (mut both, _) = batch(&registry, &["a", "b"]);
    assert_eq!(both.series[0].key, both.series[1].key);
    let admission = registry.admit(&mut both, 1).unwrap();
    assert_eq!(admission.rejections.counts(), [(Reason::SeriesCollision, 1)]);
    assert_eq!(both.series.iter().map(|s| s.len).collect::<Vec<_>>(), [1, 0]);
    registry.publish(&both, &admission, &[]);
    let (mut again, parsed) = batch(&registry, &["a", "b"]);
    assert_eq!(parsed, ["b"]);
    assert_eq!(registry.admit(&mut again, 1).unwrap().rejections.counts(), [(Reason::SeriesCollision, 1)]);
}

#[test]
fn store_3_identity_tells_boundaries_and_the_key_apart() {
    let identity = Identity::new([1; 16]);
    let with = |host: &str, tags: &[&str]| {
        let tags = Tags::canonical(tags.iter().copied());
        identity.series(&SeriesDef { metric: "m".into(), host: host.into(), tags })
    };
    let all = [with("", &["ab"]), with("ab", &[]), with("a", &["b"]), with("", &["a", "b"]), with("", &[])];
    for (i, a) in all.iter().enumerate() {
        assert!(all[..i].iter().all(|b| a.series != b.series && a.metric == b.metric), "{i}");
    }
    assert_ne!(identity.metric("m"), Identity::new([2; 16]).metric("m"));
}
