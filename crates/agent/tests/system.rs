//! The agent without any configuration.

use crate::harness::{Rig, until};
use oriel_agent::{AgentHandle, CheckRunStatus};
use oriel_model::CheckStatus;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_is_on_the_chart_within_seconds_of_the_start() {
    let rig = Rig::start(&[], None);
    for check in ["cpu", "load", "memory", "disk", "uptime", "file_handle", "network", "io"] {
        rig.until_status(check, CheckRunStatus::Ok).await;
    }
    for metric in
        ["system.cpu.user", "system.load.1", "system.mem.total", "system.disk.in_use", "system.uptime"]
    {
        let seen = || rig.sink.series(metric).first().cloned();
        let series = until(10, seen, || metric.to_owned()).await;
        assert_eq!(series.host, "web-1");
    }
    let all = rig.sink.all();
    let checks: Vec<_> = all.iter().flat_map(|s| &s.checks).collect();
    for up in ["oriel.agent.up", "datadog.agent.up"] {
        assert!(checks.iter().any(|c| c.check == up && c.status == CheckStatus::Ok && c.host == "web-1"));
    }
    let state = checks.iter().find(|c| c.check == "datadog.agent.check_status").unwrap();
    assert!(state.tags[0].starts_with("check:"));
    rig.agent.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_host_tells_of_itself_and_of_its_checks() {
    let rig = Rig::start(&[("conf.d/nonsense.yaml", "init_config:\ninstances:\n\t- {}\n")], None);
    let row_of = |name: &str| {
        let all = rig.sink.all();
        let metadata = all.iter().flat_map(|s| &s.host_metadata).last()?.clone();
        metadata
            .agent_checks
            .iter()
            .find(|r| r["name"] == name && r["status"] == "error")
            .map(|r| (metadata.clone(), r.clone()))
    };
    let (metadata, row) = until(20, || row_of("nonsense"), || "no row".into()).await;
    assert_eq!(metadata.host, "web-1");
    assert_eq!(metadata.host_tags, [("system".to_owned(), vec!["env:test".to_owned()])]);
    assert!(metadata.raw["cpu_cores"].as_u64().unwrap() > 0 && metadata.raw["kernel"].is_string());
    assert!(row["message"].as_str().unwrap().contains("not valid YAML") && row["line"] == 3);
    assert!(row["file"].as_str().unwrap().ends_with("nonsense.yaml"));
    let asked = AgentHandle::status_of(rig.dir.path()).await.unwrap();
    assert_eq!(asked.checks.len(), rig.agent.status().checks.len());
    let socket_dir = rig.dir.path().to_owned();
    rig.agent.shutdown().await;
    let gone = AgentHandle::status_of(&socket_dir).await.unwrap_err().to_string();
    assert!(gone.contains("start `oriel server` or `oriel agent`"), "{gone}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_configured_system_check_takes_its_own_settings() {
    let disk = "instances:\n  - min_collection_interval: 1\n    tags: [\"rack:7\"]\n    use_mount: true\n";
    let rig = Rig::start(&[("conf.d/disk.d/conf.yaml", disk)], None);
    let seen = || rig.sink.series("system.disk.total").first().cloned();
    let series = until(20, seen, || "no disk".into()).await;
    assert!(
        series.tags.iter().any(|t| t == "rack:7") && series.tags.iter().any(|t| t.starts_with("device:/"))
    );
    assert_eq!(series.interval_s, 1);
    rig.agent.shutdown().await;
}
