//! Reading the kernel's tables, and finding ourselves.

use super::*;

fn is_us(held: &str) -> bool {
    held.contains(&format!("(pid {})", std::process::id()))
}

#[test]
fn our_own_udp_socket_is_found() {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let held = holder_of(Transport::Udp, socket.local_addr().unwrap().port());
    assert!(is_us(&held), "{held:?}");
}

#[test]
fn our_own_tcp_listener_is_found() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let held = holder_of(Transport::Tcp, socket.local_addr().unwrap().port());
    assert!(is_us(&held), "{held:?}");
}

#[test]
fn rows_are_matched_by_port_and_not_by_address() {
    let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n\
        1: 0100007F:1FBD 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4242 2 0 0\n\
        2: 1FBD007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4343 2 0 0\n";
    assert_eq!(inodes_of(Transport::Udp, table, 8125), ["4242"]);
    assert!(inodes_of(Transport::Udp, "", 8125).is_empty());
}

#[test]
fn only_listening_tcp_rows_of_the_port_count() {
    let table = "sl local rem st q t r uid to inode\n\
        0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 111 1\n\
        1: 0100007F:1F90 0100007F:9999 01 0:0 0:0 0 0 0 222 1\n\
        2: 0100007F:1F91 00000000:0000 0A 0:0 0:0 0 0 0 333 1\n";
    assert_eq!(inodes_of(Transport::Tcp, table, 8080), ["111"]);
}
