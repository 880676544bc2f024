//! Listeners with real sockets: every transport, the flush on the clock's 10 s, the last flush, and what is in the way.

// Helpers of tests fail by panicking, as tests do.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where its world is not as it says")]

use oriel_intake::Sink;
use oriel_intake::statsd::{StatsdOptions, start};
use oriel_model::{Clock, Code, ErrorBody, ManualClock, Submission, SystemClock};
use std::future::Future;
use std::io::Write;
use std::net::UdpSocket;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const T0: i64 = 1_700_000_000_000;

#[derive(Default)]
struct Taken {
    submissions: Mutex<Vec<Submission>>,
    refusals_left: AtomicUsize,
}

impl Sink for Taken {
    fn submit(&self, s: Submission) -> Pin<Box<dyn Future<Output = Result<(), ErrorBody>> + Send + '_>> {
        Box::pin(async move {
            if self.refusals_left.load(Ordering::SeqCst) > 0 {
                self.refusals_left.fetch_sub(1, Ordering::SeqCst);
                return Err(ErrorBody::new(Code::Busy, "busy"));
            }
            self.submissions.lock().unwrap().push(s);
            Ok(())
        })
    }
}

impl Taken {
    /// `metric value@seconds` of every series, sorted.
    fn lines(&self) -> Vec<String> {
        let taken = self.submissions.lock().unwrap();
        let mut lines: Vec<String> = taken
            .iter()
            .flat_map(|s| &s.series)
            .flat_map(|s| s.points.iter().map(move |(t, v)| format!("{} {v}@{}", s.metric, (t - T0) / 1000)))
            .collect();
        lines.sort();
        lines
    }
}

async fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..200 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("waited 5 s for {what}");
}

#[tokio::test]
async fn every_transport_reaches_the_sink_at_the_tenth_second() {
    let folder = tempfile::tempdir().unwrap();
    let (dgram, stream) = (folder.path().join("d.socket"), folder.path().join("s.socket"));
    let (sink, clock) = (Arc::new(Taken::default()), Arc::new(ManualClock::at(T0)));
    let options = StatsdOptions {
        udp: Some("127.0.0.1:0".parse().unwrap()),
        socket: Some(dgram.clone()),
        stream_socket: Some(stream.clone()),
        default_host: "h".into(),
        ..StatsdOptions::default()
    };
    let handle = start(options, sink.clone(), clock.clone()).unwrap();
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    sender.send_to(b"a:1|c\na:2|c\nbroken", handle.udp_addr().unwrap()).unwrap();
    UnixDatagram::unbound().unwrap().send_to(b"b:7|g", &dgram).unwrap();
    let mut connection = UnixStream::connect(&stream).unwrap();
    connection.write_all(b"\x05\0\0\0c:8|g\x05\0\0\0d:").unwrap();
    connection.write_all(b"9|g").unwrap();
    assert_eq!(handle.feed(b"e:1|g"), 1);
    eventually("six lines", || handle.figures().lines == 6).await;
    assert!(sink.lines().is_empty());
    clock.advance(10_000);
    eventually("the flush", || handle.figures().flushes == 1).await;
    assert_eq!(sink.lines(), ["a 0.3@0", "b 7@0", "c 8@0", "d 9@0", "e 1@0"]);
    let figures = handle.figures();
    assert_eq!(figures.packets, 4);
    assert_eq!(figures.refused, [("bad_syntax", 1)]);
    assert_eq!(figures.examples, [("bad_syntax", "broken".to_owned())]);
    assert_eq!(sink.submissions.lock().unwrap()[0].series[0].host, "h");
    assert_eq!(figures.listeners.len(), 3);

    sender.send_to(b"last:5|g", handle.udp_addr().unwrap()).unwrap();
    eventually("the last line", || handle.figures().lines == 7).await;
    clock.advance(2_000);
    handle.shutdown().await;
    assert_eq!(sink.lines(), ["a 0.3@0", "a 0@10", "b 7@0", "c 8@0", "d 9@0", "e 1@0", "last 5@10"]);
}

#[tokio::test]
async fn a_busy_sink_is_asked_again_and_nothing_is_lost() {
    let sink = Arc::new(Taken::default());
    sink.refusals_left.store(2, Ordering::SeqCst);
    let clock = Arc::new(ManualClock::at(T0));
    let handle = start(StatsdOptions::default(), sink.clone(), clock.clone()).unwrap();
    handle.feed(b"a:1|g");
    clock.advance(10_000);
    eventually("a flush", || handle.figures().flushes == 1).await;
    assert_eq!(sink.lines(), ["a 1@0"]);
    handle.shutdown().await;
}

#[tokio::test]
async fn what_is_in_the_way_is_named_and_the_others_start() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no-socket");
    std::fs::write(&path, "a file").unwrap();
    let stale = folder.path().join("stale.socket");
    drop(UnixDatagram::bind(&stale).unwrap());
    let options = StatsdOptions {
        udp: Some(taken.local_addr().unwrap()),
        socket: Some(stale.clone()),
        stream_socket: Some(path),
        ..StatsdOptions::default()
    };
    let handle = start(options, Arc::new(Taken::default()), Arc::new(SystemClock)).unwrap();
    let listeners = handle.figures().listeners;
    let udp = listeners[0].error.clone().unwrap();
    assert!(udp.contains("in use") && udp.contains("held by"), "{udp}");
    assert_eq!(listeners[1].error, None);
    assert!(listeners[2].error.clone().unwrap().contains("no socket"));
    UnixDatagram::unbound().unwrap().send_to(b"b:7|g", &stale).unwrap();
    eventually("a line", || handle.figures().lines == 1).await;
    handle.shutdown().await;
}

#[tokio::test]
async fn lines_bear_no_key_so_other_addresses_than_loopback_are_refused() {
    let options = StatsdOptions { udp: Some("0.0.0.0:0".parse().unwrap()), ..StatsdOptions::default() };
    let handle = start(options, Arc::new(Taken::default()), Arc::new(SystemClock)).unwrap();
    let error = handle.figures().listeners[0].error.clone().unwrap();
    assert!(error.contains("loopback"), "{error}");
    assert_eq!(handle.udp_addr(), None);
    assert!(SystemClock.now_ms() > T0);
    handle.shutdown().await;
}
