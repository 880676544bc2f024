//! Who holds a TCP port, where `/proc` tells: for the message that says why a listener is not there.

use std::fs;

/// `, held by NAME (pid N)`, or nothing.
pub(super) fn of_tcp_port(port: u16) -> String {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let texts = tables.iter().filter_map(|table| fs::read_to_string(table).ok());
    let inodes: Vec<String> = texts.flat_map(|text| listening(&text, port)).collect();
    match inodes.iter().find_map(|inode| process_with(&format!("socket:[{inode}]"))) {
        Some((name, pid)) => format!(", held by {name} (pid {pid})"),
        None => String::new(),
    }
}

/// Inodes of a table's listening sockets on a local port.
fn listening(table: &str, port: u16) -> Vec<String> {
    const LISTEN: &str = "0A";
    let suffix = format!(":{port:04X}");
    let rows = table.lines().skip(1).map(|row| row.split_ascii_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.get(1).is_some_and(|a| a.ends_with(&suffix)) && row.get(3) == Some(&LISTEN))
        .filter_map(|row| row.get(9).map(|inode| (*inode).to_owned()))
        .collect()
}

fn process_with(link: &str) -> Option<(String, u32)> {
    for process in fs::read_dir("/proc").ok()?.flatten() {
        let name = process.file_name();
        let Some(pid) = name.to_str().and_then(|n| n.parse::<u32>().ok()) else { continue };
        let files = fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten();
        if files.filter_map(|f| fs::read_link(f.path()).ok()).any(|to| to.as_os_str() == link) {
            let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some((name.trim().to_owned(), pid));
        }
    }
    None
}

#[cfg(test)]
mod tests;
