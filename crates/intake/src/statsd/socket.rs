//! Sockets made ready: receive buffer, receive timeout, stale unix paths, and the kernel's count of drops.

use crate::holder::{Transport, holder_of};
use crate::{Error, Result};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::time::Duration;

/// Asked for at start: 20 ms of 200,000 small datagrams a second, the kernel's book-keeping included.
const RECEIVE_BUFFER_BYTES: usize = 4 << 20;
/// How soon a receiving thread notices the end.
const RECEIVE_TIMEOUT: Duration = Duration::from_millis(200);
/// Everybody may send, nobody but the owner may read or list it: the mode of the agent's socket.
const SOCKET_MODE: u32 = 0o722;

pub(super) fn udp(listener: &'static str, address: SocketAddr) -> Result<UdpSocket> {
    if !address.ip().is_loopback() {
        return Err(Error::NotLoopback { listener, address: address.to_string() });
    }
    udp_any(listener, address)
}

/// The same on any address, for a caller that knows who may send.
pub(crate) fn udp_any(listener: &'static str, address: SocketAddr) -> Result<UdpSocket> {
    let bound = UdpSocket::bind(address).and_then(|socket| {
        socket.set_read_timeout(Some(RECEIVE_TIMEOUT))?;
        Ok(socket)
    });
    let socket = bound.map_err(|source| Error::Bind {
        listener,
        address: address.to_string(),
        held_by: holder_of(Transport::Udp, address.port()),
        source,
    })?;
    ask_for_buffer(listener, &socket);
    Ok(socket)
}

pub(super) fn unix_datagram(listener: &'static str, path: &Path) -> Result<UnixDatagram> {
    let bind = || {
        remove_stale(path, || UnixDatagram::unbound()?.connect(path))?;
        let socket = UnixDatagram::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(SOCKET_MODE))?;
        socket.set_read_timeout(Some(RECEIVE_TIMEOUT))?;
        Ok(socket)
    };
    let socket = bind().map_err(|source| in_use(listener, path, source))?;
    ask_for_buffer(listener, &socket);
    Ok(socket)
}

pub(crate) fn unix_stream(listener: &'static str, path: &Path) -> Result<tokio::net::UnixListener> {
    let bind = || {
        remove_stale(path, || UnixStream::connect(path).map(drop))?;
        let socket = tokio::net::UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(SOCKET_MODE))?;
        Ok(socket)
    };
    bind().map_err(|source| in_use(listener, path, source))
}

fn in_use(listener: &'static str, path: &Path, source: io::Error) -> Error {
    Error::Bind { listener, address: path.display().to_string(), source, held_by: String::new() }
}

/// Makes the folder, and removes a socket that nobody answers on. Anything else at the path stays and is an error.
fn remove_stale(path: &Path, connect: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    match std::fs::symlink_metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e),
        Ok(found) if found.file_type().is_socket() => match connect() {
            Ok(()) => Err(io::Error::new(io::ErrorKind::AddrInUse, "another process listens on it")),
            Err(_) => std::fs::remove_file(path),
        },
        Ok(_) => Err(io::Error::new(io::ErrorKind::AlreadyExists, "it exists and is no socket")),
    }
}

fn ask_for_buffer(listener: &'static str, socket: &impl AsFd) {
    // Root may pass by the system's limit; everybody else gets up to it.
    if set_int(socket, libc::SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES).is_err()
        && let Err(e) = set_int(socket, libc::SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    {
        tracing::warn!("{listener}: the receive buffer cannot be set: {e}");
    }
    let granted = receive_buffer(socket);
    if granted < RECEIVE_BUFFER_BYTES {
        tracing::warn!(
            "{listener}: the system grants a receive buffer of {granted} bytes instead of {RECEIVE_BUFFER_BYTES}; bursts may be \
             lost; set net.core.rmem_max={RECEIVE_BUFFER_BYTES} with sysctl"
        );
    }
}

/// What the system granted: it says twice of it, for its own book-keeping.
pub(super) fn receive_buffer(socket: &impl AsFd) -> usize {
    let mut value: libc::c_int = 0;
    match get(socket, libc::SO_RCVBUF, std::slice::from_mut(&mut value)) {
        Ok(()) => usize::try_from(value).unwrap_or(0) / 2,
        Err(_) => 0,
    }
}

/// Datagrams that the kernel dropped on this socket since it was made.
pub(super) fn dropped(socket: &impl AsFd) -> u64 {
    /// `SK_MEMINFO_DROPS` of `linux/sock_diag.h`.
    const DROPS: usize = 8;
    let mut info = [0_u32; 9];
    match get(socket, libc::SO_MEMINFO, &mut info) {
        Ok(()) => u64::from(info[DROPS]),
        Err(_) => 0,
    }
}

fn set_int(socket: &impl AsFd, option: libc::c_int, value: usize) -> io::Result<()> {
    let value = libc::c_int::try_from(value).unwrap_or(libc::c_int::MAX);
    // SAFETY: the pointer and length are those of one c_int that lives over the call.
    let done = unsafe {
        libc::setsockopt(
            socket.as_fd().as_raw_fd(),
            libc::SOL_SOCKET,
            option,
            (&raw const value).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn get<T>(socket: &impl AsFd, option: libc::c_int, into: &mut [T]) -> io::Result<()> {
    let mut len = size_of_val(into) as libc::socklen_t;
    // SAFETY: the kernel writes at most `len` bytes, the size of `into`; T is an integer, for which all bytes are valid.
    let done = unsafe {
        libc::getsockopt(
            socket.as_fd().as_raw_fd(),
            libc::SOL_SOCKET,
            option,
            into.as_mut_ptr().cast(),
            &raw mut len,
        )
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
