//! Tidiness is a test like any other.

#[test]
fn the_workspace_is_tidy() {
    let findings = super::run(&super::root());
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}
