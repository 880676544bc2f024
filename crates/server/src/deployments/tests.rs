//! What counts as new.

use super::*;
use oriel_model::{Limits, RowBatchBuilder};

fn spans(rows: &[(&str, &str, &str, i64)]) -> RowBatch {
    let mut builder = RowBatchBuilder::new(OrgId(1), Signal::Spans, &Limits::default(), TimeRange::all());
    for (service, env, version, time_ms) in rows {
        builder.begin(time_ms * 1_000_000);
        builder.set_text(Core::Service, service);
        builder.set_text(Core::Env, env);
        builder.set_text(Core::Version, version);
        builder.end();
    }
    builder.finish().0
}

fn new_in(deployments: &Deployments, rows: &[(&str, &str, &str, i64)]) -> Vec<(String, TimeMs)> {
    let mut new: Vec<_> = deployments
        .new_in(&spans(rows))
        .0
        .into_iter()
        .map(|((_, service, env, version), at)| (format!("{service} {env} {version}"), at))
        .collect();
    new.sort();
    new
}

#[test]
fn a_version_is_new_once_in_each_environment() {
    let deployments = Deployments::default();
    let first = [
        ("web", "prod", "1", 20),
        ("web", "prod", "1", 10),
        ("web", "staging", "1", 30),
        ("db", "prod", "", 5),
    ];
    let told = |texts: &[(&str, i64)]| texts.iter().map(|(t, at)| ((*t).to_owned(), *at)).collect::<Vec<_>>();
    assert_eq!(new_in(&deployments, &first), told(&[("web prod 1", 10), ("web staging 1", 30)]));
    assert_eq!(new_in(&deployments, &first), []);
    assert_eq!(new_in(&deployments, &[("web", "prod", "2", 40)]), told(&[("web prod 2", 40)]));
}

#[test]
fn what_could_not_be_told_is_new_again() {
    let deployments = Deployments::default();
    let found = deployments.new_in(&spans(&[("web", "prod", "1", 10)]));
    deployments.forget(&found.0[0].0);
    assert_eq!(new_in(&deployments, &[("web", "prod", "1", 10)]).len(), 1);
}
