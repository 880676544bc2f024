//! Who holds a port, where `/proc` tells: for the message that says why a listener is not there.

use std::fs;

/// What kind of socket holds a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Tcp,
    Udp,
}

impl Transport {
    fn tables(self) -> [&'static str; 2] {
        match self {
            Self::Tcp => ["/proc/net/tcp", "/proc/net/tcp6"],
            Self::Udp => ["/proc/net/udp", "/proc/net/udp6"],
        }
    }

    /// Only a listening TCP socket holds its port; `0A` is the kernel's number for it.
    fn holds(self, state: &str) -> bool {
        self == Self::Udp || state == "0A"
    }
}

/// `, held by NAME (pid N)`, or nothing.
pub fn holder_of(transport: Transport, port: u16) -> String {
    let texts = transport.tables().into_iter().filter_map(|table| fs::read_to_string(table).ok());
    let inodes: Vec<String> = texts.flat_map(|table| inodes_of(transport, &table, port)).collect();
    match inodes.iter().find_map(|inode| process_with(&format!("socket:[{inode}]"))) {
        Some((name, pid)) => format!(", held by {name} (pid {pid})"),
        None => String::new(),
    }
}

/// The inodes of a table's sockets that hold a local port.
fn inodes_of(transport: Transport, table: &str, port: u16) -> Vec<String> {
    let suffix = format!(":{port:04X}");
    let rows = table.lines().skip(1).map(|row| row.split_ascii_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.get(1).is_some_and(|local| local.ends_with(&suffix)))
        .filter(|row| row.get(3).is_some_and(|state| transport.holds(state)))
        .filter_map(|row| row.get(9).map(|inode| (*inode).to_owned()))
        .collect()
}

fn process_with(link: &str) -> Option<(String, u32)> {
    for process in fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let Ok(files) = fs::read_dir(process.path().join("fd")) else { continue };
        let holds = files.flatten().any(|f| fs::read_link(f.path()).is_ok_and(|to| to.as_os_str() == link));
        if holds {
            let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some((name.trim().to_owned(), pid));
        }
    }
    None
}

#[cfg(test)]
mod tests;
