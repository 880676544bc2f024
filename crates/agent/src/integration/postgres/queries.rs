//! The queries, and which of them a server and its settings call for.
//!
//! Names, kinds and units are those of Datadog's integration: what counts up is a rate (a second), except where it is
//! documented as a count.

use super::query::{Query, Server};
use super::relation::condition;
use super::settings::Settings;
use crate::check::SampleKind::{self, Gauge, MonotonicCount as Growth, Rate};

/// Everything to ask in one run.
pub(super) fn all(settings: &Settings, server: &Server) -> Vec<Query> {
    let mut out = vec![instance(), database_count(settings), databases(settings), locks(), uptime()];
    out.push(if server.version >= 170_000 { checkpointer() } else { bgwriter() });
    out.push(archiver());
    if settings.database_size {
        out.push(database_sizes(settings));
    }
    if settings.counts {
        out.push(tables());
    }
    if settings.activity {
        out.push(activity(settings));
    }
    if server.version >= 130_000 {
        out.push(slru());
    }
    out.extend(replication(server));
    if settings.wal {
        out.push(wal_files());
        if server.version >= 140_000 {
            out.push(wal_written());
        }
    }
    if !settings.relations.is_empty() {
        out.extend([
            relation_activity(settings),
            relation_sizes(settings),
            relation_blocks(settings),
            indexes(settings),
        ]);
    }
    out
}

type Values = &'static [(&'static str, SampleKind)];

fn query(
    about: &'static str,
    sql: impl Into<String>,
    labels: &'static [&'static str],
    values: Values,
) -> Query {
    Query {
        about,
        sql: sql.into(),
        binds: Vec::new(),
        labels,
        values,
        per_database: false,
        grant: "pg_monitor",
    }
}

fn instance() -> Query {
    let sql = "select m.n, u.n / m.n \
        from (select setting::float8 as n from pg_settings where name = 'max_connections') m, \
             (select coalesce(sum(numbackends), 0)::float8 as n from pg_stat_database) u";
    query(
        "connection limit",
        sql,
        &[],
        &[("postgresql.max_connections", Gauge), ("postgresql.percent_usage_connections", Gauge)],
    )
}

fn uptime() -> Query {
    let sql = "select extract(epoch from now() - pg_postmaster_start_time())::float8";
    query("uptime", sql, &[], &[("postgresql.uptime", Gauge)])
}

/// The databases to tell of: a condition on `d.datname` that binds `$1` and `$2`.
fn wanted(settings: &Settings) -> (&'static str, Vec<Vec<String>>) {
    let sql = "not d.datname like any($1) and (cardinality($2::text[]) = 0 or d.datname = any($2))";
    let only = if settings.only_dbname { vec![settings.dbname.clone()] } else { Vec::new() };
    (sql, vec![settings.ignore_databases.clone(), only])
}

fn database_count(settings: &Settings) -> Query {
    let (wanted, binds) = wanted(settings);
    let sql = format!("select count(*)::float8 from pg_database d where {wanted}");
    Query { binds, ..query("number of databases", sql, &[], &[("postgresql.db.count", Gauge)]) }
}

fn databases(settings: &Settings) -> Query {
    let (wanted, binds) = wanted(settings);
    let sql = format!(
        "select d.datname::text, s.numbackends::float8, s.xact_commit::float8, s.xact_rollback::float8, \
            s.blks_read::float8, s.blks_hit::float8, s.tup_returned::float8, s.tup_fetched::float8, \
            s.tup_inserted::float8, s.tup_updated::float8, s.tup_deleted::float8, s.temp_bytes::float8, \
            s.temp_files::float8, s.deadlocks::float8, s.deadlocks::float8, s.blk_read_time, s.blk_write_time, \
            s.conflicts::float8, (2147483647 - age(d.datfrozenxid))::float8 \
         from pg_database d join pg_stat_database s on s.datid = d.oid where {wanted}"
    );
    const VALUES: Values = &[
        ("postgresql.connections", Gauge),
        ("postgresql.commits", Rate),
        ("postgresql.rollbacks", Rate),
        ("postgresql.disk_read", Rate),
        ("postgresql.buffer_hit", Rate),
        ("postgresql.rows_returned", Rate),
        ("postgresql.rows_fetched", Rate),
        ("postgresql.rows_inserted", Rate),
        ("postgresql.rows_updated", Rate),
        ("postgresql.rows_deleted", Rate),
        ("postgresql.temp_bytes", Rate),
        ("postgresql.temp_files", Rate),
        ("postgresql.deadlocks", Rate),
        ("postgresql.deadlocks.count", Growth),
        ("postgresql.blk_read_time", Rate),
        ("postgresql.blk_write_time", Rate),
        ("postgresql.conflicts", Rate),
        ("postgresql.before_xid_wraparound", Gauge),
    ];
    Query { binds, ..query("database statistics", sql, &["db"], VALUES) }
}

fn database_sizes(settings: &Settings) -> Query {
    let (wanted, binds) = wanted(settings);
    let sql =
        format!("select d.datname::text, pg_database_size(d.oid)::float8 from pg_database d where {wanted}");
    Query { binds, ..query("database sizes", sql, &["db"], &[("postgresql.database_size", Gauge)]) }
}

/// Empty schemas count 0, so that a chart falls to nothing instead of ending. The query engine finds it by its older name,
/// `postgresql.table_count`, too.
fn tables() -> Query {
    let sql = "select n.nspname::text, count(c.oid)::float8 from pg_namespace n \
        left join pg_class c on c.relnamespace = n.oid and c.relkind in ('r', 'p') \
        where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' group by n.nspname";
    let values: Values = &[("postgresql.table.count", Gauge)];
    Query { per_database: true, ..query("table counts", sql, &["schema"], values) }
}

fn locks() -> Query {
    let sql = "select d.datname::text, l.mode::text, l.locktype::text, l.granted::text, l.fastpath::text, count(*)::float8 \
        from pg_locks l left join pg_database d on d.oid = l.database \
        where l.pid <> pg_backend_pid() group by 1, 2, 3, 4, 5";
    query(
        "locks",
        sql,
        &["db", "lock_mode", "lock_type", "granted", "fastpath"],
        &[("postgresql.locks", Gauge)],
    )
}

fn activity(settings: &Settings) -> Query {
    let (wanted, binds) = wanted(settings);
    let sql = format!(
        "select d.datname::text, \
            count(*) filter (where a.xact_start is not null)::float8, \
            count(*) filter (where a.state = 'idle in transaction')::float8, \
            count(*) filter (where a.state = 'active')::float8, \
            count(*) filter (where a.wait_event_type = 'Lock')::float8, \
            count(*) filter (where a.wait_event_type = 'Lock' and a.state = 'active')::float8, \
            max(age(a.backend_xmin))::float8, max(age(a.backend_xid))::float8, \
            coalesce(extract(epoch from max(now() - a.xact_start)), 0)::float8 \
         from pg_database d left join pg_stat_activity a \
            on a.datid = d.oid and a.backend_type = 'client backend' and a.pid <> pg_backend_pid() \
         where {wanted} group by d.datname"
    );
    const VALUES: Values = &[
        ("postgresql.transactions.open", Gauge),
        ("postgresql.transactions.idle_in_transaction", Gauge),
        ("postgresql.active_queries", Gauge),
        ("postgresql.waiting_queries", Gauge),
        ("postgresql.active_waiting_queries", Gauge),
        ("postgresql.activity.backend_xmin_age", Gauge),
        ("postgresql.activity.backend_xid_age", Gauge),
        ("postgresql.activity.xact_start_age", Gauge),
    ];
    Query { binds, ..query("activity", sql, &["db"], VALUES) }
}

fn bgwriter() -> Query {
    let sql = "select checkpoints_timed::float8, checkpoints_req::float8, buffers_checkpoint::float8, \
        buffers_clean::float8, maxwritten_clean::float8, buffers_backend::float8, buffers_backend_fsync::float8, \
        buffers_alloc::float8, checkpoint_write_time, checkpoint_sync_time from pg_stat_bgwriter";
    const VALUES: Values = &[
        ("postgresql.bgwriter.checkpoints_timed", Growth),
        ("postgresql.bgwriter.checkpoints_requested", Growth),
        ("postgresql.bgwriter.buffers_checkpoint", Growth),
        ("postgresql.bgwriter.buffers_clean", Growth),
        ("postgresql.bgwriter.maxwritten_clean", Growth),
        ("postgresql.bgwriter.buffers_backend", Growth),
        ("postgresql.bgwriter.buffers_backend_fsync", Growth),
        ("postgresql.bgwriter.buffers_alloc", Growth),
        ("postgresql.bgwriter.write_time", Growth),
        ("postgresql.bgwriter.sync_time", Growth),
    ];
    query("background writer", sql, &[], VALUES)
}

/// Since version 17 the checkpoints have a view of their own.
fn checkpointer() -> Query {
    let sql = "select c.num_timed::float8, c.num_requested::float8, c.buffers_written::float8, b.buffers_clean::float8, \
        b.maxwritten_clean::float8, b.buffers_alloc::float8, c.write_time, c.sync_time \
        from pg_stat_checkpointer c, pg_stat_bgwriter b";
    const VALUES: Values = &[
        ("postgresql.bgwriter.checkpoints_timed", Growth),
        ("postgresql.bgwriter.checkpoints_requested", Growth),
        ("postgresql.bgwriter.buffers_checkpoint", Growth),
        ("postgresql.bgwriter.buffers_clean", Growth),
        ("postgresql.bgwriter.maxwritten_clean", Growth),
        ("postgresql.bgwriter.buffers_alloc", Growth),
        ("postgresql.bgwriter.write_time", Growth),
        ("postgresql.bgwriter.sync_time", Growth),
    ];
    query("background writer", sql, &[], VALUES)
}

fn archiver() -> Query {
    let sql = "select archived_count::float8, failed_count::float8 from pg_stat_archiver";
    let values: Values =
        &[("postgresql.archiver.archived_count", Growth), ("postgresql.archiver.failed_count", Growth)];
    query("archiver", sql, &[], values)
}

fn slru() -> Query {
    let sql = "select name::text, blks_zeroed::float8, blks_hit::float8, blks_read::float8, blks_written::float8, \
        blks_exists::float8, flushes::float8, truncates::float8 from pg_stat_slru";
    const VALUES: Values = &[
        ("postgresql.slru.blks_zeroed", Growth),
        ("postgresql.slru.blks_hit", Growth),
        ("postgresql.slru.blks_read", Growth),
        ("postgresql.slru.blks_written", Growth),
        ("postgresql.slru.blks_exists", Growth),
        ("postgresql.slru.flushes", Growth),
        ("postgresql.slru.truncates", Growth),
    ];
    query("small caches", sql, &["slru_name"], VALUES)
}

fn replication(server: &Server) -> Vec<Query> {
    if server.in_recovery {
        let sql = "select case when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0 else \
                greatest(0, extract(epoch from now() - pg_last_xact_replay_timestamp())) end::float8, \
            abs(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()))::float8";
        let values: Values =
            &[("postgresql.replication_delay", Gauge), ("postgresql.replication_delay_bytes", Gauge)];
        return vec![query("replication delay", sql, &[], values)];
    }
    let standbys = "select application_name::text, state::text, client_addr::text, sync_state::text, \
            extract(epoch from write_lag)::float8, extract(epoch from flush_lag)::float8, \
            extract(epoch from replay_lag)::float8, age(backend_xmin)::float8, \
            pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::float8 from pg_stat_replication";
    const STANDBY: Values = &[
        ("postgresql.replication.wal_write_lag", Gauge),
        ("postgresql.replication.wal_flush_lag", Gauge),
        ("postgresql.replication.wal_replay_lag", Gauge),
        ("postgresql.replication.backend_xmin_age", Gauge),
        ("postgresql.replication_delay_bytes", Gauge),
    ];
    let slots = "select slot_name::text, slot_type::text, case when temporary then 'temporary' else 'permanent' end, \
            case when active then 'active' else 'inactive' end, \
            pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::float8, \
            pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::float8, \
            age(xmin)::float8, age(catalog_xmin)::float8 from pg_replication_slots";
    const SLOT: Values = &[
        ("postgresql.replication_slot.restart_delay_bytes", Gauge),
        ("postgresql.replication_slot.confirmed_flush_delay_bytes", Gauge),
        ("postgresql.replication_slot.xmin_age", Gauge),
        ("postgresql.replication_slot.catalog_xmin_age", Gauge),
    ];
    vec![
        query(
            "standbys",
            standbys,
            &["wal_app_name", "wal_state", "wal_client_addr", "wal_sync_state"],
            STANDBY,
        ),
        query(
            "replication slots",
            slots,
            &["slot_name", "slot_type", "slot_persistence", "slot_state"],
            SLOT,
        ),
    ]
}

fn wal_files() -> Query {
    let sql = "select count(*)::float8, coalesce(sum(size), 0)::float8, \
        coalesce(extract(epoch from now() - min(modification)), 0)::float8 from pg_ls_waldir()";
    let values: Values =
        &[("postgresql.wal_count", Gauge), ("postgresql.wal_size", Gauge), ("postgresql.wal_age", Gauge)];
    query("WAL files", sql, &[], values)
}

fn wal_written() -> Query {
    let sql = "select wal_records::float8, wal_fpi::float8, wal_bytes::float8, wal_buffers_full::float8 from pg_stat_wal";
    const VALUES: Values = &[
        ("postgresql.wal.records", Growth),
        ("postgresql.wal.full_page_images", Growth),
        ("postgresql.wal.bytes", Growth),
        ("postgresql.wal.buffers_full", Growth),
    ];
    query("WAL statistics", sql, &[], VALUES)
}

/// A query over the chosen tables: `columns` of `view`, which has a schema and a table column.
fn over_relations(
    settings: &Settings,
    (about, columns, view): (&'static str, &str, &str),
    values: Values,
) -> Query {
    let (condition, binds) = condition(&settings.relations, ("schemaname", "relname"), 1);
    let sql = format!(
        "select schemaname::text, relname::text, {columns} from {view} where {condition} \
         order by schemaname, relname limit {}",
        settings.max_relations
    );
    Query { binds, per_database: true, ..query(about, sql, &["schema", "table"], values) }
}

fn relation_activity(settings: &Settings) -> Query {
    let columns = "seq_scan::float8, seq_tup_read::float8, idx_scan::float8, idx_tup_fetch::float8, n_tup_ins::float8, \
        n_tup_upd::float8, n_tup_del::float8, n_tup_hot_upd::float8, n_live_tup::float8, n_dead_tup::float8, \
        vacuum_count::float8, autovacuum_count::float8, analyze_count::float8, autoanalyze_count::float8";
    const VALUES: Values = &[
        ("postgresql.seq_scans", Rate),
        ("postgresql.seq_rows_read", Rate),
        ("postgresql.index_rel_scans", Rate),
        ("postgresql.index_rel_rows_fetched", Rate),
        ("postgresql.rows_inserted", Rate),
        ("postgresql.rows_updated", Rate),
        ("postgresql.rows_deleted", Rate),
        ("postgresql.rows_hot_updated", Rate),
        ("postgresql.live_rows", Gauge),
        ("postgresql.dead_rows", Gauge),
        ("postgresql.vacuumed", Growth),
        ("postgresql.autovacuumed", Growth),
        ("postgresql.analyzed", Growth),
        ("postgresql.autoanalyzed", Growth),
    ];
    over_relations(settings, ("table statistics", columns, "pg_stat_user_tables"), VALUES)
}

fn relation_sizes(settings: &Settings) -> Query {
    let columns = "pg_table_size(relid)::float8, pg_indexes_size(relid)::float8, pg_total_relation_size(relid)::float8, \
        pg_relation_size(relid)::float8";
    const VALUES: Values = &[
        ("postgresql.table_size", Gauge),
        ("postgresql.index_size", Gauge),
        ("postgresql.total_size", Gauge),
        ("postgresql.relation_size", Gauge),
    ];
    over_relations(settings, ("table sizes", columns, "pg_stat_user_tables"), VALUES)
}

fn relation_blocks(settings: &Settings) -> Query {
    let columns = "heap_blks_read::float8, heap_blks_hit::float8, idx_blks_read::float8, idx_blks_hit::float8, \
        toast_blks_read::float8, toast_blks_hit::float8, tidx_blks_read::float8, tidx_blks_hit::float8";
    const VALUES: Values = &[
        ("postgresql.heap_blocks_read", Rate),
        ("postgresql.heap_blocks_hit", Rate),
        ("postgresql.index_blocks_read", Rate),
        ("postgresql.index_blocks_hit", Rate),
        ("postgresql.toast_blocks_read", Rate),
        ("postgresql.toast_blocks_hit", Rate),
        ("postgresql.toast_index_blocks_read", Rate),
        ("postgresql.toast_index_blocks_hit", Rate),
    ];
    over_relations(settings, ("table blocks", columns, "pg_statio_user_tables"), VALUES)
}

fn indexes(settings: &Settings) -> Query {
    let columns = "indexrelname::text, idx_scan::float8, idx_tup_read::float8, idx_tup_fetch::float8, \
        pg_relation_size(indexrelid)::float8";
    const VALUES: Values = &[
        ("postgresql.index_scans", Rate),
        ("postgresql.index_rows_read", Rate),
        ("postgresql.index_rows_fetched", Rate),
        ("postgresql.individual_index_size", Gauge),
    ];
    let labels: &[&str] = &["schema", "table", "index"];
    Query {
        labels,
        ..over_relations(settings, ("index statistics", columns, "pg_stat_user_indexes"), VALUES)
    }
}
