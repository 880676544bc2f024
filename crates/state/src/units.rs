//! Units: the words that the metrics API knows, how each scales within its family, and the units of metrics that our own
//! collectors send.

/// A unit of measure.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Unit {
    pub family: &'static str,
    pub name: &'static str,
    pub plural: &'static str,
    pub short_name: &'static str,
    /// To the family's base unit.
    pub scale_factor: f64,
}

const fn unit(
    family: &'static str,
    name: &'static str,
    plural: &'static str,
    short_name: &'static str,
    scale_factor: f64,
) -> Unit {
    Unit { family, name, plural, short_name, scale_factor }
}

const UNITS: &[Unit] = &[
    unit("bytes", "bit", "bits", "b", 0.125),
    unit("bytes", "byte", "bytes", "B", 1.0),
    unit("bytes", "kibibyte", "kibibytes", "KiB", 1024.0),
    unit("bytes", "mebibyte", "mebibytes", "MiB", 1_048_576.0),
    unit("bytes", "gibibyte", "gibibytes", "GiB", 1_073_741_824.0),
    unit("bytes", "tebibyte", "tebibytes", "TiB", 1_099_511_627_776.0),
    unit("time", "nanosecond", "nanoseconds", "ns", 1e-9),
    unit("time", "microsecond", "microseconds", "μs", 1e-6),
    unit("time", "millisecond", "milliseconds", "ms", 0.001),
    unit("time", "second", "seconds", "s", 1.0),
    unit("time", "minute", "minutes", "min", 60.0),
    unit("time", "hour", "hours", "hr", 3600.0),
    unit("time", "day", "days", "day", 86400.0),
    unit("time", "week", "weeks", "wk", 604_800.0),
    unit("percentage", "fraction", "fractions", "fraction", 1.0),
    unit("percentage", "percent", "percent", "%", 0.01),
    unit("percentage", "percent_nano", "percent_nano", "n%", 1e-11),
    unit("cpu", "core", "cores", "core", 1.0),
    unit("cpu", "millicore", "millicores", "mcore", 0.001),
    unit("frequency", "hertz", "hertz", "Hz", 1.0),
    unit("temperature", "degree celsius", "degrees celsius", "°C", 1.0),
    unit("disk", "file", "files", "file", 1.0),
    unit("disk", "inode", "inodes", "inode", 1.0),
    unit("disk", "sector", "sectors", "sector", 1.0),
    unit("disk", "block", "blocks", "block", 1.0),
    unit("network", "connection", "connections", "conn", 1.0),
    unit("network", "request", "requests", "req", 1.0),
    unit("network", "packet", "packets", "pkt", 1.0),
    unit("network", "segment", "segments", "segment", 1.0),
    unit("network", "response", "responses", "resp", 1.0),
    unit("network", "message", "messages", "msg", 1.0),
    unit("network", "datagram", "datagrams", "datagram", 1.0),
    unit("network", "error", "errors", "err", 1.0),
    unit("system", "process", "processes", "proc", 1.0),
    unit("system", "thread", "threads", "thread", 1.0),
    unit("system", "host", "hosts", "host", 1.0),
    unit("db", "table", "tables", "table", 1.0),
    unit("db", "index", "indexes", "idx", 1.0),
    unit("db", "lock", "locks", "lock", 1.0),
    unit("db", "transaction", "transactions", "txn", 1.0),
    unit("db", "query", "queries", "query", 1.0),
    unit("db", "row", "rows", "row", 1.0),
    unit("db", "scan", "scans", "scan", 1.0),
    unit("db", "fetch", "fetches", "fetch", 1.0),
    unit("db", "flush", "flushes", "flush", 1.0),
    unit("db", "buffer", "buffers", "buf", 1.0),
    unit("db", "operation", "operations", "op", 1.0),
    unit("db", "commit", "commits", "commit", 1.0),
    unit("cache", "hit", "hits", "hit", 1.0),
    unit("cache", "miss", "misses", "miss", 1.0),
    unit("general", "event", "events", "event", 1.0),
    unit("general", "item", "items", "item", 1.0),
    unit("general", "read", "reads", "rd", 1.0),
    unit("general", "write", "writes", "wr", 1.0),
    unit("general", "unit", "units", "unit", 1.0),
    unit("general", "sample", "samples", "sample", 1.0),
];

/// The unit of a name, singular or plural.
pub fn unit_by_name(name: &str) -> Option<Unit> {
    UNITS.iter().find(|u| u.name == name || u.plural == name).copied()
}

/// The first rule whose pattern fits decides. A `*` at the end stands for any rest. (metric, unit, per unit)
const RULES: &[(&str, &str, &str)] = &[
    ("system.cpu.context_switches", "", ""),
    ("system.cpu.interrupt", "percent", ""),
    ("system.cpu.num_cores", "core", ""),
    ("system.cpu.*", "percent", ""),
    ("system.mem.pct_usable", "fraction", ""),
    ("system.mem.*", "mebibyte", ""),
    ("system.swap.pct_free", "fraction", ""),
    ("system.swap.swap_in", "", ""),
    ("system.swap.swap_out", "", ""),
    ("system.swap.*", "mebibyte", ""),
    ("system.disk.in_use", "fraction", ""),
    ("system.disk.utilized", "percent", ""),
    ("system.disk.read_time*", "millisecond", ""),
    ("system.disk.write_time*", "millisecond", ""),
    ("system.disk.*", "kibibyte", ""),
    ("system.fs.inodes.in_use", "fraction", ""),
    ("system.fs.inodes.utilized", "percent", ""),
    ("system.fs.inodes.*", "inode", ""),
    ("system.fs.file_handles.in_use", "fraction", ""),
    ("system.fs.file_handles.*", "file", ""),
    ("system.io.rkb_s", "kibibyte", "second"),
    ("system.io.wkb_s", "kibibyte", "second"),
    ("system.io.r_s", "request", "second"),
    ("system.io.w_s", "request", "second"),
    ("system.io.rrqm_s", "request", "second"),
    ("system.io.wrqm_s", "request", "second"),
    ("system.io.avg_rq_sz", "sector", ""),
    ("system.io.avg_q_sz", "request", ""),
    ("system.io.await", "millisecond", ""),
    ("system.io.r_await", "millisecond", ""),
    ("system.io.w_await", "millisecond", ""),
    ("system.io.svctm", "millisecond", ""),
    ("system.io.util", "percent", ""),
    ("system.io.block_*", "millisecond", ""),
    ("system.net.bytes_*", "byte", "second"),
    ("system.net.packets_*.error", "error", "second"),
    ("system.net.packets_in.error", "error", "second"),
    ("system.net.packets_out.error", "error", "second"),
    ("system.net.packets_*", "packet", "second"),
    ("system.net.tcp.*", "segment", "second"),
    ("system.net.udp.*", "datagram", "second"),
    ("system.uptime", "second", ""),
    ("postgresql.connections", "connection", ""),
    ("postgresql.max_connections", "connection", ""),
    ("postgresql.percent_usage_connections", "fraction", ""),
    ("postgresql.commits", "transaction", "second"),
    ("postgresql.rollbacks", "transaction", "second"),
    ("postgresql.disk_read", "block", "second"),
    ("postgresql.buffer_hit", "hit", "second"),
    ("postgresql.rows_*", "row", "second"),
    ("postgresql.live_rows", "row", ""),
    ("postgresql.dead_rows", "row", ""),
    ("postgresql.database_size", "byte", ""),
    ("postgresql.table_size", "byte", ""),
    ("postgresql.index_size", "byte", ""),
    ("postgresql.total_size", "byte", ""),
    ("postgresql.toast_size", "byte", ""),
    ("postgresql.temp_bytes", "byte", "second"),
    ("postgresql.temp_files", "file", "second"),
    ("postgresql.locks", "lock", ""),
    ("postgresql.deadlocks", "lock", "second"),
    ("postgresql.table.count", "table", ""),
    ("postgresql.table_count", "table", ""),
    ("postgresql.db.count", "item", ""),
    ("postgresql.replication_delay", "second", ""),
    ("postgresql.replication_delay_bytes", "byte", ""),
    ("postgresql.replication.wal_*_lag", "second", ""),
    ("postgresql.seq_scans", "scan", "second"),
    ("postgresql.index_scans", "scan", "second"),
    ("postgresql.heap_blocks_*", "block", "second"),
    ("postgresql.index_blocks_*", "block", "second"),
    ("postgresql.bgwriter.*_time", "millisecond", ""),
    ("postgresql.uptime", "second", ""),
    ("oriel.append.latency_ms", "millisecond", ""),
    ("oriel.query.latency_ms", "millisecond", ""),
    ("oriel.process.rss", "byte", ""),
    ("oriel.process.cpu", "core", ""),
];

/// Unit and per-unit of a metric of our own collectors.
pub(crate) fn of_metric(metric: &str) -> (Option<&'static str>, Option<&'static str>) {
    let found = RULES.iter().find(|(pattern, _, _)| fits(pattern, metric));
    let word = |text: &'static str| (!text.is_empty()).then_some(text);
    match found {
        Some((_, unit, per)) => (word(unit), word(per)),
        None if metric.starts_with("oriel.store.") && metric.ends_with("_bytes") => (Some("byte"), None),
        None => (None, None),
    }
}

/// One `*` in a pattern stands for any run.
fn fits(pattern: &str, metric: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == metric,
        Some((head, tail)) => {
            metric.len() >= head.len() + tail.len() && metric.starts_with(head) && metric.ends_with(tail)
        }
    }
}
