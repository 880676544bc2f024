//! The folder as people fill it.

use super::*;
use std::time::Duration;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

fn names(scan: &Scan) -> Vec<String> {
    scan.instances.iter().map(|i| format!("{} {}", i.check, i.name)).collect()
}

#[test]
fn both_places_are_read_and_defaults_only_when_alone() {
    let one = "instances:\n  - {}\n";
    let dir = folder(&[
        ("conf.d/a.d/conf.yaml", "init_config:\ninstances:\n  - name: main\n  -\n"),
        ("conf.d/a.d/conf.yaml.default", one),
        ("conf.d/b.yaml", one),
        ("conf.d/c.d/conf.yaml.default", one),
        ("conf.d/d.d/conf.yaml.example", one),
        ("conf.d/e.d/auto_conf.yaml", one),
        ("conf.d/.hidden.yaml", one),
    ]);
    assert_eq!(
        names(&scan(dir.path())),
        ["a main (conf.yaml:1)", "a conf.yaml:2", "b b.yaml:1", "c conf.yaml.default:1"]
    );
}

#[test]
fn the_acceptance_file_runs_every_45_s() {
    let yaml = include_str!("../../../../tests/acceptance/my_metric.yaml");
    let dir = folder(&[("conf.d/my_metric.yaml", yaml)]);
    assert_eq!(scan(dir.path()).instances[0].interval, Duration::from_secs(45));
}

#[test]
fn instance_settings_win_over_init_config() {
    let yaml = "init_config: {service: shop, min_collection_interval: 30, empty_default_hostname: true}\n\
                instances:\n  - service: cart\n    empty_default_hostname: false\n  - min_collection_interval: '60'\n";
    let dir = folder(&[("conf.d/a.yaml", yaml)]);
    let scan = scan(dir.path());
    let told: Vec<_> = scan
        .instances
        .iter()
        .map(|i| (i.service.as_deref(), i.interval.as_secs(), i.empty_default_hostname))
        .collect();
    assert_eq!(told, [(Some("cart"), 30, false), (Some("shop"), 60, true)]);
}

#[test]
fn bad_yaml_names_file_and_line_and_leaves_the_others() {
    let dir = folder(&[
        ("conf.d/bad.yaml", "init_config:\ninstances:\n  - a: 1\n   b: [2\n"),
        ("conf.d/tab.yaml", "instances:\n\t- a: 1\n"),
        ("conf.d/empty.yaml", ""),
        ("conf.d/list.yaml", "init_config:\ninstances: 7\n"),
        ("conf.d/good.yaml", "instances: [{}]"),
    ]);
    let scan = scan(dir.path());
    assert_eq!(names(&scan), ["good good.yaml:1"]);
    let lines: Vec<_> = scan.bad.iter().map(|b| (b.check.as_str(), b.line)).collect();
    assert_eq!(lines, [("bad", Some(4)), ("empty", Some(1)), ("list", Some(2)), ("tab", Some(2))]);
    assert_eq!(scan.bad[3].hint.as_deref(), Some("YAML is indented with spaces, not with tabs"));
    assert!(scan.bad[0].file.ends_with("conf.d/bad.yaml"));
}

#[test]
fn versions_change_with_what_an_instance_depends_on() {
    let one = "instances: [{}]";
    let dir = folder(&[
        ("conf.d/a.yaml", one),
        ("conf.d/b.yaml", one),
        ("checks.d/a.py", "x = 1"),
        ("checks.d/b.py", "x = 1"),
        ("checks.d/shared.py", "x = 1"),
    ]);
    let versions = || scan(dir.path()).instances.iter().map(|i| i.version).collect::<Vec<_>>();
    let first = versions();
    assert_eq!(first, versions());
    std::fs::write(dir.path().join("checks.d/a.py"), "x = 2").unwrap();
    let second = versions();
    assert_ne!(first[0], second[0]);
    assert_eq!(first[1], second[1]);
    std::fs::write(dir.path().join("checks.d/shared.py"), "x = 2").unwrap();
    let third = versions();
    assert!(second.iter().zip(&third).all(|(a, b)| a != b));
}

#[test]
fn the_first_start_makes_the_folder_and_keeps_an_edited_readme() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("agent");
    prepare(&root).unwrap();
    assert!(root.join("conf.d").is_dir() && root.join("checks.d").is_dir());
    std::fs::write(root.join("README.md"), "mine").unwrap();
    prepare(&root).unwrap();
    assert_eq!(std::fs::read_to_string(root.join("README.md")).unwrap(), "mine");
}
