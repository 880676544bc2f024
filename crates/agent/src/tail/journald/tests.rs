//! The journal by a script that speaks as `journalctl` does, since a test machine may have no journal.

use super::*;
use crate::tail::config::sources;
use crate::tail::record::Shipper;
use crate::tail::registry::Registry;
use crate::tail::status::TailBoard;
use oriel_intake::{IntakeAnswer, IntakeRequest, RequestSink};
use oriel_model::SystemClock;
use parking_lot::Mutex;
use std::future::Future;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::pin::Pin;

#[derive(Default)]
struct Taken(Mutex<Vec<Value>>);

impl RequestSink for Taken {
    fn accept(&self, request: IntakeRequest) -> Pin<Box<dyn Future<Output = IntakeAnswer> + Send + '_>> {
        let logs: Vec<Value> = serde_json::from_slice(&request.body).unwrap();
        self.0.lock().extend(logs);
        Box::pin(std::future::ready(IntakeAnswer::json(202, "{}")))
    }
}

const SCRIPT: &str = r#"#!/bin/sh
echo "$@" >> "$(dirname "$0")/asked"
case "$*" in
*after-cursor=c2*) echo '{"__CURSOR":"c3","MESSAGE":"third","PRIORITY":"6","_SYSTEMD_UNIT":"web.service","__REALTIME_TIMESTAMP":"1700000000000003"}' ;;
*) echo '{"__CURSOR":"c1","MESSAGE":"first","PRIORITY":"3","SYSLOG_IDENTIFIER":"sshd","_SYSTEMD_UNIT":"ssh.service","__REALTIME_TIMESTAMP":"1700000000000001"}'
   echo '{"__CURSOR":"cx","MESSAGE":"left out","_SYSTEMD_UNIT":"noisy.service"}'
   echo '{"__CURSOR":"c2","MESSAGE":[98,121,255,101],"_SYSTEMD_UNIT":"web.service"}' ;;
esac
sleep 60
"#;

async fn read(dir: &Path, sink: Arc<Taken>, logs: usize) {
    let yaml = "logs:\n  - type: journald\n    start_position: beginning\n    include_units: [web, ssh]\n    exclude_units: [noisy]\n    tags: [team:core]\n";
    let source = sources("system", Path::new("conf.yaml"), yaml).unwrap().remove(0);
    let registry = Arc::new(Registry::open(dir));
    let room = Room {
        clock: Arc::new(SystemClock),
        registry: Arc::clone(&registry),
        tails: Arc::new(TailBoard::default()),
        shipper: Shipper { sink: sink.clone(), host: "h1".into() },
    };
    let super::super::config::Kind::Journald { path, include, exclude, start } = source.kind.clone() else {
        panic!()
    };
    let mut journal = Journal::new(Arc::new(source), room.clone(), path, (include, exclude), start);
    journal.program = dir.join("journalctl").display().to_string();
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(journal.run(stopped));
    for _ in 0..200 {
        if sink.0.lock().len() >= logs {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // The cursor is kept after the sink has answered.
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.send_replace(true);
    task.await.unwrap();
    registry.save().unwrap();
}

#[tokio::test]
async fn entries_come_with_their_fields_and_go_on_after_the_last_cursor() {
    let dir = tempfile::tempdir().unwrap();
    let script = dir.path().join("journalctl");
    std::fs::write(&script, SCRIPT).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let sink = Arc::new(Taken::default());
    read(dir.path(), Arc::clone(&sink), 2).await;
    {
        let logs = sink.0.lock();
        assert_eq!(logs.len(), 2, "{logs:?}");
        assert_eq!(logs[0]["message"], "first");
        assert_eq!(logs[0]["status"], "error");
        assert_eq!(logs[0]["service"], "sshd");
        assert_eq!(logs[0]["hostname"], "h1");
        assert_eq!(logs[0]["ddtags"], "team:core");
        assert_eq!(logs[0]["timestamp"], "2023-11-14T22:13:20.000001000Z");
        assert_eq!(logs[0]["journald"]["_SYSTEMD_UNIT"], "ssh.service");
        assert_eq!(logs[1]["message"], "by\u{fffd}e");
        assert_eq!(logs[1]["service"], "web");
    }
    read(dir.path(), Arc::clone(&sink), 3).await;
    assert_eq!(sink.0.lock().len(), 3);
    assert_eq!(sink.0.lock()[2]["message"], "third");
    let asked = std::fs::read_to_string(dir.path().join("asked")).unwrap();
    let asked: Vec<&str> = asked.lines().collect();
    assert!(asked[0].contains("--no-tail") && asked[0].contains("--unit=web --unit=ssh"), "{asked:?}");
    assert!(asked[1].contains("--after-cursor=c2"), "{asked:?}");
}

#[tokio::test]
async fn a_journal_that_can_not_be_read_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let source = sources("system", Path::new("c"), "logs: [{type: journald}]").unwrap().remove(0);
    let tails = Arc::new(TailBoard::default());
    let room = Room {
        clock: Arc::new(SystemClock),
        registry: Arc::new(Registry::open(dir.path())),
        tails: Arc::clone(&tails),
        shipper: Shipper { sink: Arc::new(Taken::default()), host: "h1".into() },
    };
    let mut journal = Journal::new(Arc::new(source), room, None, (Vec::new(), Vec::new()), Start::End);
    journal.program = dir.path().join("missing").display().to_string();
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(journal.run(stopped));
    tokio::time::sleep(Duration::from_millis(200)).await;
    stop.send_replace(true);
    task.await.unwrap();
    assert!(tails.rows()[0].state.contains("can't be started"), "{:?}", tails.rows());
}
