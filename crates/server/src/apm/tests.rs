//! Scores and the choice of the primary operation.

use super::*;
use oriel_model::Mapping;

fn sketch(values: &[f64]) -> Sketch {
    let mut sketch = Sketch::new(Mapping::AGENT);
    values.iter().for_each(|v| sketch.insert(*v, 1));
    sketch
}

#[test]
fn apdex_counts_tolerated_half_and_errors_not_at_all() {
    assert!((apdex(&sketch(&[0.1, 0.2, 1.0, 5.0]), 0.0) - 0.625).abs() < 1e-9);
    assert!((apdex(&sketch(&[0.1, 0.1]), 1.0) - 0.5).abs() < 1e-9);
    assert_eq!(apdex(&sketch(&[]), 0.0), 0.0);
}

fn operation(name: &str, kind: &str, hits: f64) -> Operation {
    Operation {
        name: name.into(),
        service: "s".into(),
        kind: kind.into(),
        r#type: String::new(),
        hits,
        envs: BTreeSet::new(),
        versions: BTreeSet::new(),
        last_ms: 0,
    }
}

#[test]
fn a_server_operation_is_primary_before_a_busier_client_one() {
    let all = [operation("redis.command", "client", 900.0), operation("flask.request", "server", 10.0)];
    assert_eq!(primary(&all)["s"].name, "flask.request");
}
