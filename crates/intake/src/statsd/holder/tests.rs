//! Reading `/proc/net/udp`, and finding ourselves.

use super::*;

#[test]
fn our_own_socket_is_found() {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let held = of_udp_port(socket.local_addr().unwrap().port());
    assert!(held.contains(&format!("(pid {})", std::process::id())), "{held:?}");
}

#[test]
fn rows_are_matched_by_port_and_not_by_address() {
    let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n\
        1: 0100007F:1FBD 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4242 2 0 0\n\
        2: 1FBD007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4343 2 0 0\n";
    assert_eq!(inodes_of(table, 8125), ["4242"]);
    assert!(inodes_of("", 8125).is_empty());
}
