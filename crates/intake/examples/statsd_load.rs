//! The bar for DogStatsD: so many single-metric datagrams a second over so many contexts from one sender, and what was lost.
//!
//! `statsd_load receive ADDR SECONDS` listens and says what came in and what it cost; `statsd_load send ADDR RATE SECONDS CONTEXTS`
//! sends with `sendmmsg` from one thread, evenly over each millisecond.

use oriel_intake::Sink;
use oriel_intake::statsd::{StatsdOptions, start};
use oriel_model::{ErrorBody, Submission, SystemClock};
use std::future::Future;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Datagrams a system call.
const BATCH: usize = 32;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[1..] {
        ["receive", address, seconds] => receive(address, seconds.parse()?),
        ["send", address, rate, seconds, contexts] => {
            send(address, rate.parse()?, seconds.parse()?, contexts.parse()?)
        }
        _ => Err("statsd_load receive ADDR SECONDS | send ADDR RATE SECONDS CONTEXTS".into()),
    }
}

#[derive(Default)]
struct Sum {
    counted: AtomicU64,
}

impl Sink for Sum {
    fn submit(&self, s: Submission) -> Pin<Box<dyn Future<Output = Result<(), ErrorBody>> + Send + '_>> {
        let sum: f64 = s.series.iter().flat_map(|s| &s.points).map(|p| p.1 * 10.0).sum();
        self.counted.fetch_add(sum.round() as u64, Ordering::Relaxed);
        Box::pin(async { Ok(()) })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn receive(address: &str, seconds: u64) -> Result<(), Box<dyn std::error::Error>> {
    let sum = Arc::new(Sum::default());
    let options = StatsdOptions { udp: Some(address.parse()?), ..StatsdOptions::default() };
    let handle = start(options, sum.clone(), Arc::new(SystemClock))?;
    if let Some(error) = handle.figures().listeners.into_iter().find_map(|l| l.error) {
        return Err(error.into());
    }
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let figures = handle.figures();
    handle.shutdown().await;
    println!(
        "packets {} lines {} dropped {} contexts {} buffer {} counted {} cpu {:.2} s",
        figures.packets,
        figures.lines,
        figures.dropped,
        figures.contexts,
        figures.listeners[0].receive_buffer_bytes,
        sum.counted.load(Ordering::Relaxed),
        cpu_seconds(),
    );
    Ok(())
}

fn cpu_seconds() -> f64 {
    // SAFETY: all zeros is a valid rusage, and the call fills the one it is given.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    };
    let of = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 / 1e6;
    of(usage.ru_utime) + of(usage.ru_stime)
}

fn send(address: &str, rate: u64, seconds: u64, contexts: usize) -> Result<(), Box<dyn std::error::Error>> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(address)?;
    let lines: Vec<Vec<u8>> = (0..contexts)
        .map(|i| format!("load.requests.{}:1|c|#env:prod,service:s{},worker:{i}", i % 50, i % 7).into_bytes())
        .collect();
    let total = rate * seconds;
    let begun = Instant::now();
    let (mut sent, mut at) = (0, 0);
    while sent < total {
        let due = ((begun.elapsed().as_secs_f64() * rate as f64) as u64).min(total);
        if due <= sent {
            std::thread::sleep(Duration::from_micros(200));
            continue;
        }
        let n = ((due - sent) as usize).min(BATCH);
        let batch: Vec<&[u8]> = (0..n).map(|i| lines[(at + i) % lines.len()].as_slice()).collect();
        let done = send_batch(&socket, &batch)?;
        (sent, at) = (sent + done as u64, (at + done) % lines.len());
    }
    println!("sent {sent} in {:.2} s, cpu {:.2} s", begun.elapsed().as_secs_f64(), cpu_seconds());
    Ok(())
}

fn send_batch(socket: &UdpSocket, lines: &[&[u8]]) -> std::io::Result<usize> {
    let mut iovecs: Vec<libc::iovec> = lines
        .iter()
        .map(|l| libc::iovec { iov_base: l.as_ptr().cast_mut().cast(), iov_len: l.len() })
        .collect();
    let mut headers: Vec<libc::mmsghdr> = iovecs
        .iter_mut()
        .map(|iovec| {
            // SAFETY: all zeros is a valid mmsghdr.
            let mut header: libc::mmsghdr = unsafe { std::mem::zeroed() };
            header.msg_hdr.msg_iov = iovec;
            header.msg_hdr.msg_iovlen = 1;
            header
        })
        .collect();
    // SAFETY: headers, iovecs and lines live over the call; the kernel only reads the lines.
    let sent =
        unsafe { libc::sendmmsg(socket.as_raw_fd(), headers.as_mut_ptr(), headers.len() as libc::c_uint, 0) };
    usize::try_from(sent).map_err(|_| std::io::Error::last_os_error())
}
