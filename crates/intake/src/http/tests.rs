//! The listener by raw bytes: what reaches the sink, and what is refused before.

use super::*;
use crate::IntakeAnswer;
use parking_lot::Mutex;
use std::future::Future;
use std::pin::Pin;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

#[derive(Default)]
struct Recorder {
    requests: Mutex<Vec<IntakeRequest>>,
    pause: Option<Duration>,
}

impl RequestSink for Recorder {
    fn accept(&self, request: IntakeRequest) -> Pin<Box<dyn Future<Output = IntakeAnswer> + Send + '_>> {
        Box::pin(async move {
            if let Some(pause) = self.pause {
                tokio::time::sleep(pause).await;
            }
            self.requests.lock().push(request);
            let mut answer = IntakeAnswer::json(200, "{\"rate_by_service\":{}}");
            answer.headers.push(("datadog-agent-state".to_owned(), "abc".to_owned()));
            answer
        })
    }
}

fn options() -> HttpOptions {
    let tcp = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    HttpOptions { name: "apm", tcp, socket: None, key_check: None, body_bytes_max: 1000 }
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

async fn ask(handle: &HttpHandle, request: &str) -> String {
    talk(TcpStream::connect(handle.local_addr().unwrap()).await.unwrap(), request).await
}

fn post(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn a_request_reaches_the_sink_whole_and_the_answer_comes_back() {
    let sink = Arc::new(Recorder::default());
    let handle = start(options(), sink.clone());
    let headers = "X-Datadog-Trace-Count: 2\r\nCookie: no\r\n";
    let answer = ask(&handle, &post("/v0.4/traces?a=b", headers, "body")).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(
        answer.contains("datadog-agent-state: abc") && answer.ends_with("{\"rate_by_service\":{}}"),
        "{answer}"
    );
    let requests = sink.requests.lock();
    assert_eq!((requests[0].method.as_str(), requests[0].path.as_str()), ("POST", "/v0.4/traces"));
    assert_eq!((requests[0].query.as_str(), &requests[0].body[..]), ("a=b", &b"body"[..]));
    assert_eq!(
        requests[0].headers,
        [("x-datadog-trace-count".to_owned(), "2".to_owned())],
        "cookies stay out"
    );
    assert_eq!(handle.requests(), (1, 0));
}

#[tokio::test]
async fn a_chunked_body_is_put_together_and_bounded() {
    let sink = Arc::new(Recorder::default());
    let handle = start(options(), sink.clone());
    let head = "PUT /p HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    let answer = ask(&handle, &format!("{head}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(&sink.requests.lock()[0].body[..], b"abcde");
    let piece = format!("258\r\n{}\r\n", "x".repeat(600));
    let answer = ask(&handle, &format!("{head}{piece}{piece}0\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("over 1000 bytes"), "{answer}");
    let answer = ask(&handle, &post("/p", "", &"x".repeat(1001))).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert_eq!((sink.requests.lock().len(), handle.requests()), (1, (3, 2)));
}

#[tokio::test]
async fn a_unix_socket_takes_any_host() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("run/apm.sock");
    let sink = Arc::new(Recorder::default());
    let handle = start(HttpOptions { tcp: None, socket: Some(path.clone()), ..options() }, sink.clone());
    assert_eq!(handle.listeners()[0].name, "apm-socket");
    let request = "GET /info HTTP/1.1\r\nhost: 2f746d70\r\nconnection: close\r\n\r\n";
    let answer = talk(UnixStream::connect(&path).await.unwrap(), request).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(sink.requests.lock()[0].path, "/info");
}

#[tokio::test]
async fn another_address_than_loopback_demands_a_key() {
    let everywhere = Some(SocketAddr::from(([0, 0, 0, 0], 0)));
    let refused = start(HttpOptions { tcp: everywhere, ..options() }, Arc::new(Recorder::default()));
    assert!(refused.listeners()[0].error.as_ref().is_some_and(|e| e.contains("loopback")));

    let sink = Arc::new(Recorder::default());
    let key_check: KeyCheck = Arc::new(|key| key == "good");
    let handle =
        start(HttpOptions { tcp: everywhere, key_check: Some(key_check), ..options() }, sink.clone());
    let port = handle.local_addr().unwrap().port();
    let to = |request: String| async move {
        talk(TcpStream::connect(("127.0.0.1", port)).await.unwrap(), &request).await
    };
    for headers in ["", "dd-api-key: bad\r\n"] {
        let answer = to(post("/v0.4/traces", headers, "x")).await;
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("Forbidden"), "{answer}");
    }
    assert!(sink.requests.lock().is_empty());
    assert!(to(post("/v0.4/traces", "dd-api-key: good\r\n", "x")).await.starts_with("HTTP/1.1 200"));
    assert!(to(post("/v0.4/traces?api_key=good", "", "x")).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn an_address_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let tcp = Some(taken.local_addr().unwrap());
    let handle = start(HttpOptions { tcp, ..options() }, Arc::new(Recorder::default()));
    let error = handle.listeners()[0].error.clone().unwrap();
    assert!(error.starts_with("apm cannot listen on 127.0.0.1:"), "{error}");
}

#[tokio::test]
async fn a_shutdown_lets_an_open_request_finish() {
    let sink = Arc::new(Recorder { pause: Some(Duration::from_millis(300)), ..Recorder::default() });
    let handle = start(options(), sink.clone());
    let address = handle.local_addr().unwrap();
    let asking =
        tokio::spawn(
            async move { talk(TcpStream::connect(address).await.unwrap(), &post("/p", "", "x")).await },
        );
    tokio::time::sleep(Duration::from_millis(100)).await;
    handle.shutdown().await;
    assert!(asking.await.unwrap().starts_with("HTTP/1.1 200"));
    assert_eq!(sink.requests.lock().len(), 1);
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}
