//! `system.net.*`: interfaces from `/proc/net/dev`, protocols from `/proc/net/snmp` and `netstat`, TCP states from
//! `/proc/net/tcp`.

use super::{Collect, Proc, strings};
use crate::check::{Failure, Run};
use serde_json::Value;

pub(super) struct Network {
    excluded: Vec<String>,
    states: bool,
}

impl Network {
    pub(super) fn new(settings: &Value) -> Self {
        let excluded = match settings.get("excluded_interfaces") {
            None => vec!["lo".to_owned(), "lo0".to_owned()],
            some => strings(some),
        };
        let states = settings.get("collect_connection_state").is_none_or(crate::config::truthy);
        Self { excluded, states }
    }
}

/// Columns of `/proc/net/dev` that become rates.
const INTERFACE: [(usize, &str); 8] = [
    (0, "system.net.bytes_rcvd"),
    (1, "system.net.packets_in.count"),
    (2, "system.net.packets_in.error"),
    (3, "system.net.packets_in.drop"),
    (8, "system.net.bytes_sent"),
    (9, "system.net.packets_out.count"),
    (10, "system.net.packets_out.error"),
    (11, "system.net.packets_out.drop"),
];

/// The kernel's counters by protocol, and the names they go by.
const PROTOCOLS: [(&str, &str, &str); 26] = [
    ("Ip", "InReceives", "system.net.ip.in_receives"),
    ("Ip", "InDiscards", "system.net.ip.in_discards"),
    ("Ip", "InDelivers", "system.net.ip.in_delivers"),
    ("Ip", "OutRequests", "system.net.ip.out_requests"),
    ("Ip", "OutDiscards", "system.net.ip.out_discards"),
    ("Ip", "ReasmFails", "system.net.ip.reassembly_fails"),
    ("Tcp", "ActiveOpens", "system.net.tcp.active_opens"),
    ("Tcp", "PassiveOpens", "system.net.tcp.passive_opens"),
    ("Tcp", "AttemptFails", "system.net.tcp.attempt_fails"),
    ("Tcp", "EstabResets", "system.net.tcp.established_resets"),
    ("Tcp", "InErrs", "system.net.tcp.in_errors"),
    ("Tcp", "OutRsts", "system.net.tcp.out_resets"),
    ("Tcp", "RetransSegs", "system.net.tcp.retrans_segs"),
    ("Tcp", "InSegs", "system.net.tcp.in_segs"),
    ("Tcp", "OutSegs", "system.net.tcp.out_segs"),
    ("TcpExt", "ListenOverflows", "system.net.tcp.listen_overflows"),
    ("TcpExt", "ListenDrops", "system.net.tcp.listen_drops"),
    ("TcpExt", "TCPBacklogDrop", "system.net.tcp.backlog_drops"),
    ("TcpExt", "TCPRetransFail", "system.net.tcp.failed_retransmits"),
    ("Udp", "InDatagrams", "system.net.udp.in_datagrams"),
    ("Udp", "NoPorts", "system.net.udp.no_ports"),
    ("Udp", "InErrors", "system.net.udp.in_errors"),
    ("Udp", "OutDatagrams", "system.net.udp.out_datagrams"),
    ("Udp", "RcvbufErrors", "system.net.udp.rcv_buf_errors"),
    ("Udp", "SndbufErrors", "system.net.udp.snd_buf_errors"),
    ("Udp", "InCsumErrors", "system.net.udp.in_csum_errors"),
];

impl Collect for Network {
    fn collect(&mut self, proc: &Proc, run: &mut Run) -> Result<(), Failure> {
        self.interfaces(&proc.read("net/dev")?, run);
        let counters = proc.read("net/snmp")? + &proc.read("net/netstat").unwrap_or_default();
        protocols(&counters, run);
        if self.states {
            for (file, family) in [("net/tcp", "tcp4"), ("net/tcp6", "tcp6")] {
                // A kernel without IPv6 has no such file.
                if let Ok(text) = proc.read(file) {
                    tcp_states(&text, family, run);
                }
            }
            for (file, family) in [("net/udp", "udp4"), ("net/udp6", "udp6")] {
                if let Ok(text) = proc.read(file) {
                    let sockets = text.lines().count().saturating_sub(1);
                    run.gauge(&format!("system.net.{family}.connections"), sockets as f64, &[]);
                }
            }
        }
        Ok(())
    }
}

impl Network {
    fn interfaces(&self, text: &str, run: &mut Run) {
        for line in text.lines().skip(2) {
            let Some((name, rest)) = line.split_once(':') else { continue };
            let name = name.trim();
            let columns = super::numbers(rest);
            if self.excluded.iter().any(|e| e == name) || columns.len() < 12 {
                continue;
            }
            let tags = [format!("device:{name}"), format!("device_name:{name}")];
            for (column, metric) in INTERFACE {
                run.rate(metric, columns[column], &tags);
            }
        }
    }
}

/// Pairs of lines: `Tcp: names…`, `Tcp: numbers…`.
fn protocols(text: &str, run: &mut Run) {
    let lines: Vec<&str> = text.lines().collect();
    for pair in lines.windows(2) {
        let (Some((protocol, names)), Some((again, values))) =
            (pair[0].split_once(':'), pair[1].split_once(':'))
        else {
            continue;
        };
        if protocol != again {
            continue;
        }
        for (name, value) in names.split_whitespace().zip(values.split_whitespace()) {
            let Ok(value) = value.parse::<f64>() else { continue };
            if (protocol, name) == ("Tcp", "CurrEstab") {
                run.gauge("system.net.tcp.current_established", value, &[]);
            }
            if let Some((_, _, metric)) = PROTOCOLS.iter().find(|(p, n, _)| (*p, *n) == (protocol, name)) {
                run.rate(metric, value, &[]);
            }
        }
    }
}

/// The groups that the agent's network check has.
const STATES: [(&str, &[&str]); 5] = [
    ("established", &["01"]),
    ("opening", &["02", "03"]),
    ("closing", &["04", "05", "07", "08", "09", "0B"]),
    ("time_wait", &["06"]),
    ("listening", &["0A"]),
];

fn tcp_states(text: &str, family: &str, run: &mut Run) {
    let mut counts = [0u32; STATES.len()];
    for line in text.lines().skip(1) {
        let Some(state) = line.split_whitespace().nth(3) else { continue };
        if let Some(group) = STATES.iter().position(|(_, codes)| codes.contains(&state)) {
            counts[group] += 1;
        }
    }
    for ((name, _), count) in STATES.iter().zip(counts) {
        run.gauge(&format!("system.net.{family}.{name}"), f64::from(count), &[]);
    }
}
