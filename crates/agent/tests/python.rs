//! Python checks on the real base library: well behaved ones, and every way to misbehave.

use crate::harness::{Rig, python, until};
use oriel_agent::{CheckRunStatus as Status, PythonState};
use oriel_model::{AlertType, CheckStatus, Kind};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

const EVERY_HALF_SECOND: &str = "init_config:\ninstances:\n  - min_collection_interval: 0.5\n";

/// A check of one method.
fn check(body: &str) -> String {
    let body = body.replace('\n', "\n        ");
    format!(
        "from datadog_checks.base import AgentCheck\n\nclass Check(AgentCheck):\n    def check(self, instance):\n        {body}\n"
    )
}

const GOOD: &str = "self.gauge('good.value', 1)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_acceptance_check_runs_unmodified() {
    let yaml = include_str!("../../../tests/acceptance/my_metric.yaml");
    let code = include_str!("../../../tests/acceptance/my_metric.py");
    let rig = Rig::start(&[("conf.d/my_metric.yaml", yaml), ("checks.d/my_metric.py", code)], Some(python()));
    let row = rig.until_status("my_metric", Status::Ok).await;
    assert_eq!((row.interval_s, row.runs, row.metrics), (45.0, 1, 1));
    let gap = row.next_run_ms.unwrap() - row.last_run_ms.unwrap();
    assert!((44_000..=45_000).contains(&gap), "{gap}");
    let series = until(5, || rig.sink.series("my_metric").first().cloned(), || "no series".into()).await;
    assert_eq!((series.kind, series.host.as_str(), series.interval_s), (Kind::Gauge, "web-1", 45));
    assert!((0.0..=1000.0).contains(&series.points[0].1));
    rig.agent.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slip_in_the_import_line_names_file_line_and_remedy_and_the_edit_turns_it_green() {
    let broken = include_str!("../../../tests/acceptance/broken_import.py");
    let conf = (
        "conf.d/broken_import.d/conf.yaml",
        "init_config:\n\ninstances:\n  - min_collection_interval: 300\n",
    );
    let rig = Rig::start(&[conf, ("checks.d/broken_import.py", broken)], Some(python()));
    let row = rig.until_status("broken_import", Status::Error).await;
    assert!(row.file.as_deref().unwrap().ends_with("checks.d/broken_import.py"), "{row:?}");
    assert_eq!(row.line, Some(2));
    assert!(row.message.contains("SyntaxError"), "{row:?}");
    assert_eq!(row.hint.as_deref(), Some("from datadog_checks.base import AgentCheck"));
    let mended = broken.replace("import datadog_checks.base import", "from datadog_checks.base import");
    rig.write("checks.d/broken_import.py", &mended);
    let row = rig.until("broken_import", 15, |r| r.status == Status::Ok).await;
    assert_eq!((row.line, row.hint), (None, None));
    until(5, || rig.sink.last("never", ""), || "no metric after the edit".into()).await;
    rig.agent.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_submission_method_arrives() {
    let code = include_str!("../../../tests/fixtures/datadog/datadog-checks-base-38.7.0/full_check.py");
    let conf =
        "init_config:\n  service: svc\ninstances:\n  - min_collection_interval: 1\n    tags: ['inst:1']\n";
    let rig =
        Rig::start(&[("conf.d/full_check.yaml", conf), ("checks.d/full_check.py", code)], Some(python()));
    let row = rig.until("full_check", 60, |r| r.runs >= 3).await;
    assert_eq!((row.status, row.message.as_str()), (Status::Error, "RuntimeError: planned failure"));
    assert_eq!(row.line, Some(27));
    let has = async |name: &str| until(10, || rig.sink.series(name).pop(), || format!("no {name}")).await;
    let gauge = has("full.g").await;
    assert_eq!((gauge.host.as_str(), gauge.points[0].1), ("h2", 1.0));
    assert_eq!(gauge.tags, ["a:b", "bytes:1", "service:svc"]);
    assert_eq!((has("full.c").await.kind, has("full.c").await.points[0].1), (Kind::Count, 3.0));
    assert_eq!(has("full.mc").await.kind, Kind::Count);
    assert_eq!(has("full.r").await.points[0].1, 0.0);
    assert_eq!(has("full.h.95percentile").await.points[0].1, 5.0);
    assert_eq!(has("full.h.count").await.kind, Kind::Rate);
    assert!(has("full.dev").await.tags.contains(&"device:sda".to_owned()));
    assert_eq!(has("raw").await.points[0].1, 7.5);
    assert_eq!(has("full.inc").await.kind, Kind::Rate);
    let all = rig.sink.all();
    let event = all.iter().flat_map(|s| &s.events).next().unwrap();
    assert_eq!(
        (event.title.as_str(), event.alert_type, event.time_ms),
        ("T", AlertType::Error, 1_700_000_000_000)
    );
    assert_eq!((event.host.as_str(), event.source.as_str()), ("h", "full"));
    let down = all.iter().flat_map(|s| &s.checks).find(|c| c.check == "full.can_connect").unwrap();
    assert_eq!((down.status, down.message.as_str()), (CheckStatus::Critical, "down"));
    assert_eq!(down.tags, ["x:1", "service:svc"]);
    rig.agent.shutdown().await;
}

/// Name, body, and what its row must say.
const MISBEHAVING: [(&str, &str, &str); 10] = [
    ("raises", "raise ValueError('no luck')", "ValueError: no luck"),
    ("hangs", "import time\nwhile True: time.sleep(1)", "gave no answer for 10 s"),
    ("spins", "while True: pass", "gave no answer for 10 s"),
    ("holds", "import re\nre.match('(a|a)+$', 'a' * 64 + 'b')", "gave no answer for 10 s"),
    ("sys_exit", "import sys\nsys.exit(3)", "called sys.exit(3)"),
    ("os_exit", "import os\nos._exit(4)", "ended the process with exit code 4"),
    ("segfault", "import ctypes\nctypes.string_at(0)", "ended the process with a segmentation fault"),
    ("floods", "while True: print('x' * 1000)", "gave no answer for 10 s"),
    ("recurses", "def f(): return f()\nf()", "RecursionError"),
    ("devours", "a = [bytearray(1 << 30) for _ in range(8)]", "MemoryError"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_check_does_the_others_go_on() {
    let mut files = vec![
        ("conf.d/good.yaml".to_owned(), EVERY_HALF_SECOND.to_owned()),
        ("checks.d/good.py".to_owned(), check(GOOD)),
        ("conf.d/prints.yaml".to_owned(), EVERY_HALF_SECOND.to_owned()),
        ("checks.d/prints.py".to_owned(), check("print('hello'); self.gauge('prints.value', 2)")),
        ("conf.d/syntax.yaml".to_owned(), EVERY_HALF_SECOND.to_owned()),
        ("checks.d/syntax.py".to_owned(), "def f(\n".to_owned()),
    ];
    for (name, body, _) in MISBEHAVING {
        files.push((format!("conf.d/{name}.yaml"), EVERY_HALF_SECOND.to_owned()));
        files.push((format!("checks.d/{name}.py"), check(body)));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let rig = Rig::start(&files, Some(python()));
    for (name, _, says) in MISBEHAVING {
        let row = rig.until(name, 120, |r| r.status == Status::Error && r.message.contains(says)).await;
        assert!(row.runs > 0);
    }
    let row = rig.until("syntax", 10, |r| r.status == Status::Error).await;
    assert!(row.message.contains("SyntaxError") && row.file.unwrap().ends_with("syntax.py"));
    // Each has its place by now: from here on the good ones run undisturbed.
    tokio::time::sleep(Duration::from_secs(15)).await;
    let before = rig.row("good").unwrap();
    tokio::time::sleep(Duration::from_secs(10)).await;
    for name in ["good", "prints"] {
        let row = rig.row(name).unwrap();
        assert_eq!((row.status, row.message.as_str()), (Status::Ok, ""), "{name}");
    }
    let runs = rig.row("good").unwrap().runs - before.runs;
    assert!(runs >= 10, "only {runs} runs in 10 s");
    // The acceptance of isolation: mending one makes it green, in the shared process again.
    rig.write("checks.d/hangs.py", &check("self.gauge('mended', 1)"));
    rig.until("hangs", 20, |r| r.status == Status::Ok).await;
    rig.agent.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_without_code_or_class_says_where_it_looks() {
    let files = [
        ("conf.d/nowhere.yaml", EVERY_HALF_SECOND),
        ("conf.d/classless.yaml", EVERY_HALF_SECOND),
        ("checks.d/classless.py", "x = 1\n"),
        ("conf.d/needs.yaml", EVERY_HALF_SECOND),
        ("checks.d/needs.py", "import no_such_package\n"),
        ("conf.d/old.yaml", EVERY_HALF_SECOND),
        ("checks.d/old.py", "from checks import AgentCheck\n"),
    ];
    let rig = Rig::start(&files, Some(python()));
    let row = rig.until_status("nowhere", Status::Error).await;
    assert!(row.message.contains("there is no check named nowhere: put its code in"), "{row:?}");
    let row = rig.until_status("classless", Status::Error).await;
    assert!(row.message.contains("no class that derives from AgentCheck"), "{row:?}");
    let row = rig.until_status("needs", Status::Error).await;
    assert!(row.hint.unwrap().ends_with("-m pip install no_such_package"));
    assert_eq!(row.line, Some(1));
    let row = rig.until_status("old", Status::Error).await;
    assert_eq!(row.hint.as_deref(), Some("from datadog_checks.base import AgentCheck"));
    rig.agent.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_python_that_does_not_work_is_told_and_the_system_checks_run() {
    let files = [("conf.d/good.yaml", EVERY_HALF_SECOND), ("checks.d/good.py", "x = 1")];
    let rig = Rig::start(&files, Some("/bin/false".into()));
    let row = rig.until_status("good", Status::Error).await;
    assert!(row.message.contains("/bin/false can't import datadog_checks.base"), "{row:?}");
    assert!(row.hint.is_some());
    assert_eq!(rig.agent.status().python.state, PythonState::Failed);
    rig.until_status("memory", Status::Ok).await;
    rig.agent.shutdown().await;
}

/// What a check starts ends with the agent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shutdown_ends_the_processes_and_what_they_started() {
    let body = "import subprocess, os\nif not hasattr(self, 'p'):\n    self.p = subprocess.Popen(['sleep', '600'])\n\
                self.gauge('pid', os.getpid()); self.gauge('child', self.p.pid)";
    let rig =
        Rig::start(&[("conf.d/p.yaml", EVERY_HALF_SECOND), ("checks.d/p.py", &check(body))], Some(python()));
    let pid = until(60, || rig.sink.last("pid", ""), || format!("{:?}", rig.row("p"))).await;
    let child = until(10, || rig.sink.last("child", ""), || "no child".into()).await;
    let is_there = |pid: f64| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    };
    assert!(is_there(pid) && is_there(child));
    rig.agent.shutdown().await;
    until(5, || (!is_there(pid) && !is_there(child)).then_some(()), || "still there".into()).await;
}

/// The agent that is killed: see the next test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by a_killed_agent_leaves_no_python_behind"]
async fn child_that_runs_a_check_until_killed() {
    if std::env::var_os("ORIEL_TEST_CHILD").is_none() {
        return;
    }
    // A check that holds the interpreter can't notice by itself that the agent is gone.
    let body = "import os, re\nself.gauge('pid', os.getpid())\n\
                if getattr(self, 'again', False):\n    re.match('(a|a)+$', 'a' * 64 + 'b')\nself.again = True";
    let rig =
        Rig::start(&[("conf.d/p.yaml", EVERY_HALF_SECOND), ("checks.d/p.py", &check(body))], Some(python()));
    let pid = until(60, || rig.sink.last("pid", ""), || format!("{:?}", rig.row("p"))).await;
    println!("python {pid}");
    tokio::time::sleep(Duration::from_secs(60)).await;
}

#[test]
fn a_killed_agent_leaves_no_python_behind() {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "python::child_that_runs_a_check_until_killed", "--nocapture"])
        .env("ORIEL_TEST_CHILD", "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let pid =
        lines.map_while(Result::ok).find_map(|l| l.rsplit_once("python ")?.1.trim().parse::<u32>().ok());
    let stat = format!("/proc/{}/stat", pid.expect("a pid"));
    std::thread::sleep(Duration::from_secs(1));
    assert!(std::fs::exists(&stat).unwrap());
    child.kill().unwrap();
    child.wait().unwrap();
    std::thread::sleep(Duration::from_secs(1));
    let left = std::fs::read_to_string(&stat).unwrap_or_default();
    assert!(left.is_empty() || left.contains(") Z "), "{left}");
}

/// A hang that is mended before its time is up must not go on in the shared process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_during_a_hang_gets_rid_of_the_hanging_thread() {
    let files = [("conf.d/p.yaml", EVERY_HALF_SECOND), ("checks.d/p.py", &check("while True: pass") as &str)];
    let rig = Rig::start(&files, Some(python()));
    until(30, || (rig.agent.status().python.processes == 1).then_some(()), || "no process".into()).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    rig.write("checks.d/p.py", &check("import os\nself.gauge('pid', os.getpid())"));
    rig.until("p", 30, |r| r.status == Status::Ok).await;
    let first = until(10, || rig.sink.last("pid", ""), || "no pid".into()).await;
    // The spinning thread is past its ten seconds then, and its process is replaced.
    until(30, || rig.sink.last("pid", "").filter(|pid| *pid != first), || "the same process".into()).await;
    until(
        10,
        || (!std::fs::exists(format!("/proc/{first}")).unwrap()).then_some(()),
        || "still there".into(),
    )
    .await;
    assert_eq!(rig.row("p").unwrap().status, Status::Ok);
    rig.agent.shutdown().await;
}
