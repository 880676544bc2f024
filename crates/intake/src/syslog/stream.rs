//! Streams of frames, over TCP or TLS.

use super::{Frame, Shared};
use oriel_wire::syslog::Framer;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

/// Connections at a time: hosts and devices keep one each.
const CONNECTIONS_MAX: usize = 2048;
/// Bytes of one read.
const READ_BYTES: usize = 16 << 10;
/// The last line of what came waits this long for a line that belongs to it.
const SETTLE: Duration = Duration::from_millis(500);
/// A TLS handshake has to be done within this time.
const HANDSHAKE: Duration = Duration::from_secs(10);

pub(super) async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(permit) = permits.clone().acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shared.cancel.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) if shared.may_send(peer.ip()) => {
                let connection = connection(stream, peer, tls.clone(), shared.clone());
                tokio::spawn(async move {
                    connection.await;
                    drop(permit);
                });
            }
            Ok(_) => {}
            Err(e) => {
                // Out of file descriptors, most likely: some have to go before one more can come.
                tracing::warn!(error = %e, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    // Connections see the end themselves and hand over what they hold.
    let _ = permits.acquire_many(CONNECTIONS_MAX as u32).await;
}

async fn connection(stream: TcpStream, peer: SocketAddr, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    let Some(acceptor) = tls else { return read(stream, peer.ip(), &shared).await };
    match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => read(stream, peer.ip(), &shared).await,
        Ok(Err(e)) => tracing::debug!(%peer, error = %e, "a TLS handshake failed"),
        Err(_) => tracing::debug!(%peer, "a TLS handshake took too long"),
    }
}

async fn read(mut stream: impl AsyncRead + Unpin, peer: IpAddr, shared: &Shared) {
    let mut framer = Framer::new(shared.limits.message_bytes);
    let mut buffer = vec![0; READ_BYTES];
    let mut frames: Vec<Box<[u8]>> = Vec::new();
    loop {
        let got = tokio::select! {
            got = stream.read(&mut buffer) => got.unwrap_or(0),
            () = tokio::time::sleep(SETTLE), if framer.is_waiting() => {
                framer.flush(|frame| frames.push(frame.into()));
                hand_on(&mut frames, peer, shared).await;
                continue;
            }
            () = shared.cancel.cancelled() => 0,
        };
        if got == 0 {
            framer.flush(|frame| frames.push(frame.into()));
            return hand_on(&mut frames, peer, shared).await;
        }
        framer.push(&buffer[..got], |frame| frames.push(frame.into()));
        hand_on(&mut frames, peer, shared).await;
    }
}

/// Waits for room, which is what holds the sender back.
async fn hand_on(frames: &mut Vec<Box<[u8]>>, peer: IpAddr, shared: &Shared) {
    let time_ms = shared.clock.now_ms();
    for bytes in frames.drain(..) {
        if shared.frames.send(Frame { bytes, peer, time_ms }).await.is_ok() {
            shared.received.fetch_add(1, Ordering::Relaxed);
        }
    }
}
