//! The receiving thread of a datagram socket: up to 64 datagrams a system call, decoded under one lock.
//!
//! All the unsafe code of this room is here: the buffers that `recvmmsg` fills live as long as [`Batch`] and never move.

use super::Shared;
use super::figures::Listener;
use super::socket;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::Ordering::Relaxed;

/// Datagrams a system call.
const BATCH: usize = 64;
/// The clients send at most 8 KiB, the agent's buffer has that size too; longer ones lose their last line.
const DATAGRAM_BYTES: usize = 16 << 10;

/// Receives until the handle is shut down.
pub(super) fn run(shared: &Shared, listener: &Listener, socket: OwnedFd) {
    prefer_this_thread();
    let mut decoder = shared.decoder();
    let mut batch = Batch::new();
    let dropped_before = socket::dropped(&socket);
    while !shared.stopping() {
        let received = match batch.receive(&socket) {
            Ok(received) => received,
            Err(e) => {
                if !matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) {
                    tracing::warn!("{}: {e}", listener.name());
                    std::thread::sleep(std::time::Duration::from_millis(100));
                }
                0
            }
        };
        if received == 0 {
            continue;
        }
        let (mut bytes, mut lines, mut truncated) = (0, 0, 0);
        let now_ms = shared.clock.now_ms();
        let mut aggregator = shared.aggregator.lock();
        aggregator.advance(now_ms);
        for i in 0..received {
            let (mut packet, cut) = batch.datagram(i);
            bytes += packet.len() as u64;
            if cut {
                truncated += 1;
                packet = &packet[..last_line_end(packet)];
            }
            lines += decoder.packet(packet, now_ms, &mut aggregator) as u64;
        }
        drop(aggregator);
        listener.packets.fetch_add(received as u64, Relaxed);
        listener.bytes.fetch_add(bytes, Relaxed);
        listener.lines.fetch_add(lines, Relaxed);
        listener.truncated.fetch_add(truncated, Relaxed);
        listener.dropped.store(socket::dropped(&socket).saturating_sub(dropped_before), Relaxed);
    }
}

/// Asks for the processor before other work: a full receive buffer is about 50 ms of a busy sender, less than what a loaded
/// machine may keep a thread waiting. Granted to root and with CAP_SYS_NICE only; without it, all goes on as before.
fn prefer_this_thread() {
    const NICENESS: libc::c_int = -10;
    // SAFETY: takes numbers only; 0 is the calling thread.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICENESS) };
}

/// Where the last whole line ends.
fn last_line_end(packet: &[u8]) -> usize {
    packet.iter().rposition(|&b| b == b'\n').unwrap_or(0)
}

/// Buffers for one `recvmmsg`. Headers point into `iovecs`, those into `buffers`; none is reallocated.
struct Batch {
    buffers: Box<[u8]>,
    _iovecs: Box<[libc::iovec]>,
    headers: Box<[libc::mmsghdr]>,
}

impl Batch {
    fn new() -> Self {
        let mut buffers = vec![0_u8; BATCH * DATAGRAM_BYTES].into_boxed_slice();
        let mut iovecs: Box<[libc::iovec]> = buffers
            .chunks_mut(DATAGRAM_BYTES)
            .map(|b| libc::iovec { iov_base: b.as_mut_ptr().cast(), iov_len: b.len() })
            .collect();
        let headers = iovecs
            .iter_mut()
            .map(|iovec| {
                // SAFETY: all zeros is a valid mmsghdr: null pointers, zero lengths.
                let mut header: libc::mmsghdr = unsafe { std::mem::zeroed() };
                header.msg_hdr.msg_iov = iovec;
                header.msg_hdr.msg_iovlen = 1;
                header
            })
            .collect();
        Self { buffers, _iovecs: iovecs, headers }
    }

    /// Waits for one datagram (at most the socket's receive timeout), takes what else is there.
    fn receive(&mut self, socket: &OwnedFd) -> io::Result<usize> {
        // SAFETY: every header points to one iovec, which points to DATAGRAM_BYTES of `buffers`; all outlive the call, and
        // nothing else reads or writes them during it. A null timeout is allowed.
        let n = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                self.headers.as_mut_ptr(),
                BATCH as libc::c_uint,
                libc::MSG_WAITFORONE,
                std::ptr::null_mut(),
            )
        };
        usize::try_from(n).map_err(|_| io::Error::last_os_error())
    }

    /// The i-th datagram of the last call, and whether it was longer than its buffer.
    fn datagram(&self, i: usize) -> (&[u8], bool) {
        let header = &self.headers[i];
        let len = (header.msg_len as usize).min(DATAGRAM_BYTES);
        let from = i * DATAGRAM_BYTES;
        (&self.buffers[from..from + len], header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0)
    }
}
