//! Unix stream sockets: a task for each connection, frames of a u32 little-endian length.

use super::Shared;
use super::figures::Listener;
use oriel_wire::statsd::Frames;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::io::AsyncReadExt;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Connections at a time: one for each process of a busy host. Past it new ones wait to be accepted.
const CONNECTIONS_MAX: usize = 512;
/// One read: eight of the clients' largest packets.
const READ_BYTES: usize = 64 << 10;

pub(super) async fn run(
    shared: Arc<Shared>,
    listener: Arc<Listener>,
    socket: UnixListener,
    cancel: CancellationToken,
) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(permit) = permits.clone().acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = socket.accept() => accepted,
            () = cancel.cancelled() => return,
        };
        let Ok((connection, _)) = accepted else {
            // Out of file descriptors, most likely: a busy loop would not help.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            continue;
        };
        let (shared, listener, cancel) = (shared.clone(), listener.clone(), cancel.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = follow(&shared, &listener, connection) => {}
                () = cancel.cancelled() => {}
            }
            drop(permit);
        });
    }
}

async fn follow(shared: &Shared, listener: &Listener, mut connection: UnixStream) {
    let mut decoder = shared.decoder();
    let mut frames = Frames::default();
    let mut buffer = vec![0; READ_BYTES];
    while let Ok(n @ 1..) = connection.read(&mut buffer).await {
        listener.bytes.fetch_add(n as u64, Ordering::Relaxed);
        let fed = frames.feed(&buffer[..n], |packet| {
            let lines = shared.packet(&mut decoder, packet);
            listener.packets.fetch_add(1, Ordering::Relaxed);
            listener.lines.fetch_add(lines as u64, Ordering::Relaxed);
        });
        if let Err(e) = fed {
            listener.broken_streams.fetch_add(1, Ordering::Relaxed);
            tracing::warn!("statsd stream: {e}");
            return;
        }
    }
    if frames.is_torn() {
        listener.broken_streams.fetch_add(1, Ordering::Relaxed);
    }
}
