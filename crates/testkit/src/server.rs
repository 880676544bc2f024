//! Starts the real binary on free ports with a folder of its own, and kills and restarts it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a start may take until `/health` answers 200; debug builds on a busy machine are slow.
const READY_DEADLINE: Duration = Duration::from_secs(30);

/// The `oriel` binary: `ORIEL_BIN`, or the one beside the folder of the running test. `None` when there is none.
pub fn binary() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("ORIEL_BIN") {
        return Some(path.into());
    }
    let test = std::env::current_exe().ok()?;
    let beside = test.parent()?.parent()?.join("oriel");
    beside.exists().then_some(beside)
}

/// A running server. Killed when dropped.
pub struct ServerProcess {
    binary: PathBuf,
    data: PathBuf,
    args: Vec<String>,
    http: String,
    child: Option<Child>,
}

impl ServerProcess {
    /// The key that every server of this harness takes.
    pub const API_KEY: &'static str = "0123456789abcdef0123456789abcdef";
    pub const APP_KEY: &'static str = "0123456789abcdef0123456789abcdef01234567";

    /// Starts a server over `data` and waits until it is healthy. DogStatsD is off unless `args` name it.
    pub fn start(binary: &Path, data: &Path, args: &[&str]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Self {
            binary: binary.to_owned(),
            data: data.to_owned(),
            args: args.iter().map(|a| (*a).to_owned()).collect(),
            http: format!("127.0.0.1:{port}"),
            child: None,
        };
        server.spawn();
        server
    }

    fn spawn(&mut self) {
        let mut command = Command::new(&self.binary);
        command.arg("server").arg("--data").arg(&self.data).args(["--http", &self.http, "--no-agent"]);
        if !self.args.iter().any(|a| a == "--statsd") {
            command.args(["--statsd", "off"]);
        }
        command.args(&self.args).env("ORIEL_API_KEY", Self::API_KEY).env("ORIEL_APP_KEY", Self::APP_KEY);
        command.env("ORIEL_ADMIN_PASSWORD", "testkit-admin").stdin(Stdio::null()).stdout(Stdio::null());
        self.child = Some(command.spawn().expect("the binary starts"));
        let start = Instant::now();
        while self.get("/health").is_none_or(|(status, _)| status != 200) {
            let ended = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
            assert!(ended.is_none(), "the server ended by itself: {ended:?}");
            assert!(start.elapsed() < READY_DEADLINE, "the server is not healthy after {READY_DEADLINE:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// `127.0.0.1:PORT`.
    pub fn http(&self) -> &str {
        &self.http
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// kill -9.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// SIGTERM; whether it left with success.
    pub fn terminate(&mut self) -> bool {
        let Some(mut child) = self.child.take() else { return false };
        let pid = libc::pid_t::try_from(child.id()).expect("a process id");
        // SAFETY: the child is ours and not waited for yet, so the id is its own.
        unsafe { libc::kill(pid, libc::SIGTERM) };
        child.wait().is_ok_and(|status| status.success())
    }

    /// Starts it again over the same folder and on the same port.
    pub fn restart(&mut self) {
        self.kill();
        self.spawn();
    }

    /// Status and body of a GET; `None` when nobody answers.
    pub fn get(&self, path: &str) -> Option<(u16, String)> {
        self.request(&format!("GET {path} HTTP/1.1"), "text/plain", b"")
    }

    pub fn post(&self, path: &str, content_type: &str, body: &[u8]) -> Option<(u16, String)> {
        self.request(&format!("POST {path} HTTP/1.1"), content_type, body)
    }

    fn request(&self, line: &str, content_type: &str, body: &[u8]) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(&self.http).ok()?;
        stream.set_read_timeout(Some(READY_DEADLINE)).ok()?;
        let head = format!(
            "{line}\r\nhost: {}\r\nconnection: close\r\nDD-API-KEY: {}\r\nDD-APPLICATION-KEY: {}\r\n\
             content-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
            self.http,
            Self::API_KEY,
            Self::APP_KEY,
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let status = answer.split(' ').nth(1)?.parse().ok()?;
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        Some((status, body.to_owned()))
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        self.kill();
    }
}
