//! Frames over real sockets, to a sink that keeps what it is handed.

use super::*;
use crate::{IntakeAnswer, IntakeRequest};
use oriel_model::SystemClock;
use parking_lot::Mutex;
use serde_json::Value;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Answers 503 as often as it is told, then takes everything.
#[derive(Default)]
struct Kept {
    refusals: AtomicU64,
    came: Mutex<Vec<IntakeRequest>>,
}

impl RequestSink for Kept {
    fn accept(&self, request: IntakeRequest) -> Pin<Box<dyn Future<Output = IntakeAnswer> + Send + '_>> {
        let left = self.refusals.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
        if left.is_ok() {
            return Box::pin(async { IntakeAnswer::json(503, "{}") });
        }
        self.came.lock().push(request);
        Box::pin(async { IntakeAnswer::json(202, "{}") })
    }
}

impl Kept {
    fn logs(&self) -> Vec<Value> {
        let came = self.came.lock();
        came.iter().flat_map(|r| serde_json::from_slice::<Vec<Value>>(&r.body).unwrap()).collect()
    }
}

fn options(address: &str) -> SyslogOptions {
    SyslogOptions {
        plain: Some(address.parse().unwrap()),
        tls: None,
        from: Vec::new(),
        default_host: "here".to_owned(),
        limits: Limits::default(),
    }
}

#[tokio::test]
async fn datagrams_and_streams_become_logs() {
    let sink = Arc::new(Kept { refusals: AtomicU64::new(1), ..Kept::default() });
    let handle = start(options("127.0.0.1:0"), sink.clone(), Arc::new(SystemClock));
    let [Some(udp), Some(tcp), None] = handle.local_addrs() else { panic!("{:?}", handle.listeners()) };
    let client = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    client.send_to(b"<12>payment slow\0", udp).unwrap();
    let mut stream = TcpStream::connect(tcp).await.unwrap();
    let frames = b"<11>shop[42]: failed\nTraceback\nZeroDivisionError\0<14>shop[42]: next\0";
    stream.write_all(frames).await.unwrap();
    stream.write_all(b"17 <14>app: counted!<14>app: one\n<14>app: two\n").await.unwrap();
    drop(stream);
    tokio::time::timeout(Duration::from_secs(10), async {
        while sink.logs().len() < 6 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    let figures = handle.figures();
    handle.shutdown().await;
    let mut told: Vec<String> = sink
        .logs()
        .iter()
        .map(|log| format!("{} {} {}", log["status"], log["service"], log["message"]))
        .collect();
    told.sort();
    let expected = [
        r#""error" "shop" "failed\nTraceback\nZeroDivisionError""#,
        r#""info" "app" "counted!""#,
        r#""info" "app" "one""#,
        r#""info" "app" "two""#,
        r#""info" "shop" "next""#,
        r#""warn" null "payment slow""#,
    ];
    assert_eq!(told, expected);
    assert!(sink.logs().iter().all(|log| log["hostname"] == "here" && log["ddsource"] == "syslog"));
    assert_eq!(figures, SyslogFigures { frames: 6, lost: 0, refused: 0 });
}

#[tokio::test]
async fn what_was_read_is_handed_on_at_the_end() {
    let sink = Arc::new(Kept::default());
    let handle = start(options("127.0.0.1:0"), sink.clone(), Arc::new(SystemClock));
    let tcp = handle.local_addrs()[1].unwrap();
    let mut stream = TcpStream::connect(tcp).await.unwrap();
    stream.write_all(b"<14>app: the last line has no end").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    handle.shutdown().await;
    assert_eq!(sink.logs().len(), 1);
}

#[tokio::test]
async fn beyond_loopback_networks_are_named() {
    let sink = Arc::new(Kept::default());
    let handle = start(options("0.0.0.0:0"), sink.clone(), Arc::new(SystemClock));
    assert!(handle.listeners().iter().all(|l| l.error.as_ref().is_some_and(|e| e.contains("--syslog-from"))));
    let named = SyslogOptions { from: vec!["10.0.0.0/8".parse().unwrap()], ..options("0.0.0.0:0") };
    let handle = start(named, sink, Arc::new(SystemClock));
    assert!(handle.listeners().iter().all(|l| l.error.is_none()), "{:?}", handle.listeners());
    assert!(handle.shared.may_send("127.0.0.1".parse().unwrap()));
    assert!(handle.shared.may_send("::ffff:10.1.2.3".parse().unwrap()));
    assert!(!handle.shared.may_send("192.168.0.1".parse().unwrap()));
    assert_eq!(handle.figures().refused, 1);
}
