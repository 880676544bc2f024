//! Ports that are held here, and tables read by hand.

use super::*;

#[test]
fn a_port_of_this_process_is_found() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let text = of_tcp_port(socket.local_addr().unwrap().port());
    assert!(text.contains(&format!("(pid {})", std::process::id())), "{text:?}");
}

#[test]
fn only_listening_rows_of_the_port_count() {
    let table = "sl local rem st q t r uid to inode\n\
        0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 111 1\n\
        1: 0100007F:1F90 0100007F:9999 01 0:0 0:0 0 0 0 222 1\n\
        2: 0100007F:1F91 00000000:0000 0A 0:0 0:0 0 0 0 333 1\n";
    assert_eq!(listening(table, 8080), ["111"]);
}
