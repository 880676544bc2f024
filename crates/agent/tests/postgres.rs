//! The PostgreSQL check against a real server of its own: metrics, rights, passwords and restarts.

use crate::harness::{MemorySink, Rig, until};
use oriel_agent::CheckRunStatus as Status;
use oriel_model::{CheckStatus, Kind};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A cluster in a temporary folder, with its own port and socket.
struct Cluster {
    dir: tempfile::TempDir,
    port: u16,
}

/// PostgreSQL refuses to run as root: a root test becomes the user that Debian made for it.
fn as_postgres(program: &str) -> Command {
    let mut command = Command::new(program_path(program));
    // SAFETY: asks a number.
    if unsafe { libc::geteuid() } == 0 {
        let (uid, gid) = postgres_user().expect("a user `postgres` to run the server as");
        command.uid(uid).gid(gid);
    }
    command.env("LC_ALL", "C").current_dir("/");
    command
}

fn program_path(program: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        versions.map(|v| v.path().join("bin").join(program)).filter(|p| p.exists()).collect();
    found.sort();
    found.pop().unwrap_or_else(|| program.into())
}

fn postgres_user() -> Option<(u32, u32)> {
    let passwd = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = passwd.lines().find(|l| l.starts_with("postgres:"))?.to_owned();
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

fn done(output: Output) -> String {
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

impl Cluster {
    fn start() -> Self {
        let dir = tempfile::Builder::new().prefix("opg").tempdir_in("/tmp").unwrap();
        if let Some((uid, gid)) = postgres_user() {
            // Fails where the test is that user's own anyway.
            let _ = std::os::unix::fs::chown(dir.path(), Some(uid), Some(gid));
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let cluster = Self { dir, port };
        let mut initdb = as_postgres("initdb");
        initdb.arg("-D").arg(cluster.data()).args(["-U", "admin", "-A", "scram-sha-256", "-N", "--pwfile"]);
        let password = cluster.dir.path().join("pw");
        std::fs::write(&password, "root-secret").unwrap();
        if let Some((uid, gid)) = postgres_user() {
            let _ = std::os::unix::fs::chown(&password, Some(uid), Some(gid));
        }
        done(initdb.arg(&password).output().unwrap());
        cluster.pg_ctl("start");
        cluster.sql("postgres", "create role oriel login password 'secret'");
        cluster.sql("postgres", "create database shop");
        cluster
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn socket(&self) -> &Path {
        self.dir.path()
    }

    fn pg_ctl(&self, what: &str) {
        let settings = format!(
            "-p {} -k {} -c fsync=off -c listen_addresses=127.0.0.1",
            self.port,
            self.socket().display()
        );
        let mut command = as_postgres("pg_ctl");
        command.arg("-D").arg(self.data()).args(["-w", "-m", "fast", "-l"]).arg(self.dir.path().join("log"));
        // The server keeps the pipes that it inherits.
        let status =
            command.args(["-o", &settings, what]).stdout(std::process::Stdio::null()).status().unwrap();
        assert!(status.success(), "pg_ctl {what}");
    }

    fn psql(&self, database: &str, sql: &str) -> Command {
        let mut psql = as_postgres("psql");
        psql.env("PGPASSWORD", "root-secret")
            .arg("-h")
            .arg(self.socket())
            .args(["-p", &self.port.to_string()]);
        psql.args(["-U", "admin", "-d", database, "-Atqc", sql]);
        psql
    }

    fn sql(&self, database: &str, sql: &str) -> String {
        done(self.psql(database, sql).output().unwrap())
    }

    /// An instance of the check over TCP, every half second.
    fn conf(&self, more: &str) -> String {
        format!(
            "init_config:\ninstances:\n  - host: 127.0.0.1\n    port: {}\n    username: oriel\n    dbname: shop\n    \
             min_collection_interval: 0.5\n    tags: ['team:a']\n{more}",
            self.port
        )
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = as_postgres("pg_ctl").arg("-D").arg(self.data()).args(["-m", "immediate", "stop"]).output();
    }
}

async fn has(sink: &MemorySink, metric: &str, tag: &str) -> f64 {
    until(15, || sink.last(metric, tag), || format!("no {metric} {tag}")).await
}

const PASSWORD: &str = "    password: secret\n";
const RELATIONS: &str = "    password: secret\n    relations:\n      - relation_regex: '^(orders|items)$'\n        \
                         schemas: [public]\n      - other\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_have_datadogs_names_kinds_and_the_servers_numbers() {
    let cluster = Cluster::start();
    cluster.sql("postgres", "grant pg_monitor to oriel");
    cluster.sql("shop", "create table orders (id int primary key, note text); create table items (id int); create table secret (id int)");
    let rig = Rig::start(&[("conf.d/postgres.d/conf.yaml", &cluster.conf(RELATIONS))], None);
    let row = rig.until("postgres", 30, |r| r.status == Status::Ok && r.runs >= 2).await;
    assert!(row.metrics > 100, "{row:?}");
    let sink = &rig.sink;
    assert_eq!(has(sink, "postgresql.max_connections", "").await, 100.0);
    assert_eq!(has(sink, "postgresql.db.count", "").await, 2.0);
    assert_eq!(has(sink, "postgresql.table.count", "schema:public").await, 3.0);
    cluster
        .sql("shop", "drop table secret; insert into orders select n, 'x' from generate_series(1, 5000) n");
    let two = || (sink.last("postgresql.table.count", "schema:public") == Some(2.0)).then_some(());
    until(10, two, || "still three tables".into()).await;
    let size: f64 = cluster.sql("shop", "select pg_total_relation_size('orders')").trim().parse().unwrap();
    let same = || (sink.last("postgresql.total_size", "table:orders") == Some(size)).then_some(());
    until(10, same, || format!("{size} {:?}", sink.last("postgresql.total_size", "table:orders"))).await;
    let mut holder = cluster.psql("shop", "begin; lock table items; select pg_sleep(60)").spawn().unwrap();
    has(sink, "postgresql.locks", "lock_mode:accessexclusivelock").await;
    assert_eq!(has(sink, "postgresql.transactions.open", "db:shop").await, 1.0);
    holder.kill().unwrap();
    holder.wait().unwrap();
    let inserted = || sink.series("postgresql.rows_inserted").into_iter().find(|s| s.points[0].1 > 0.0);
    let inserted = until(15, inserted, || "no inserts".into()).await;
    assert_eq!((inserted.kind, inserted.host.as_str()), (Kind::Gauge, "web-1"));
    let port = format!("port:{}", cluster.port);
    assert!(
        ["team:a", "db:shop", port.as_str()].iter().all(|t| inserted.tags.iter().any(|have| have == t)),
        "{inserted:?}"
    );
    for metric in [
        "postgresql.connections",
        "postgresql.percent_usage_connections",
        "postgresql.commits",
        "postgresql.rollbacks",
        "postgresql.buffer_hit",
        "postgresql.database_size",
        "postgresql.deadlocks",
        "postgresql.temp_bytes",
        "postgresql.wal_age",
        "postgresql.transactions.open",
        "postgresql.before_xid_wraparound",
        "postgresql.seq_scans",
        "postgresql.live_rows",
        "postgresql.index_size",
        "postgresql.index_scans",
        "postgresql.bgwriter.buffers_alloc",
        "postgresql.uptime",
        "postgresql.slru.blks_hit",
        "postgresql.wal.bytes",
    ] {
        has(sink, metric, "").await;
    }
    assert_eq!(sink.series("postgresql.deadlocks.count")[0].kind, Kind::Count);
    assert!(sink.last("postgresql.table_size", "table:secret").is_none(), "not among the relations");
    let checks: Vec<_> =
        sink.all().into_iter().flat_map(|s| s.checks).filter(|c| c.check == "postgres.can_connect").collect();
    assert!(
        checks.iter().all(|c| c.status == CheckStatus::Ok) && checks[0].tags.contains(&"db:shop".to_owned())
    );
    rig.agent.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_told_and_recovers_when_corrected() {
    let cluster = Cluster::start();
    let wrong = cluster.conf("    password: wrong\n");
    let rig = Rig::start(&[("conf.d/postgres.yaml", &wrong)], None);
    let row = rig.until_status("postgres", Status::Error).await;
    assert!(row.message.contains("refused the password of user oriel"), "{row:?}");
    assert!(row.hint.as_deref().unwrap().contains("alter role oriel password"));
    let critical = || {
        rig.sink
            .all()
            .iter()
            .flat_map(|s| &s.checks)
            .any(|c| c.check == "postgres.can_connect" && c.status == CheckStatus::Critical)
    };
    until(5, || critical().then_some(()), || "no service check".into()).await;
    cluster.sql("postgres", "alter role oriel password 'wrong'");
    rig.until("postgres", 10, |r| r.status != Status::Error).await;
    rig.write("conf.d/postgres.yaml", &cluster.conf("    password: wrong\n    ssl: perhaps\n"));
    let row = rig.until("postgres", 10, |r| r.message.contains("`ssl` is")).await;
    assert!(row.file.unwrap().ends_with("postgres.yaml"));
    rig.agent.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_right_is_a_warning_that_names_it_and_the_other_queries_go_on() {
    let cluster = Cluster::start();
    let rig = Rig::start(&[("conf.d/postgres.yaml", &cluster.conf(PASSWORD))], None);
    let row = rig.until("postgres", 30, |r| r.status == Status::Warning).await;
    assert!(row.message.contains("no WAL files: permission denied"), "{row:?}");
    assert!(row.message.contains("grant pg_monitor to oriel"), "{row:?}");
    has(&rig.sink, "postgresql.commits", "db:shop").await;
    cluster.sql("postgres", "grant pg_monitor to oriel");
    rig.until("postgres", 10, |r| r.status == Status::Ok).await;
    rig.agent.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_is_told_and_its_restart_is_found() {
    let cluster = Cluster::start();
    cluster.sql("postgres", "grant pg_monitor to oriel");
    let rig = Rig::start(&[("conf.d/postgres.yaml", &cluster.conf(PASSWORD))], None);
    rig.until_status("postgres", Status::Ok).await;
    cluster.pg_ctl("stop");
    let row = rig.until_status("postgres", Status::Error).await;
    assert!(
        row.message.contains("can't connect to PostgreSQL at 127.0.0.1") && row.hint.is_some(),
        "{row:?}"
    );
    cluster.pg_ctl("start");
    rig.until_status("postgres", Status::Ok).await;
    // A restart between two runs costs none: the connection is made again in the same run.
    rig.sink.clear();
    cluster.pg_ctl("restart");
    let runs = rig.row("postgres").unwrap().runs;
    rig.until("postgres", 10, |r| r.runs >= runs + 3 && r.status == Status::Ok).await;
    rig.agent.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unix_socket_serves_as_well() {
    let cluster = Cluster::start();
    cluster.sql("postgres", "grant pg_monitor to oriel");
    let conf =
        cluster.conf(PASSWORD).replace("host: 127.0.0.1", &format!("host: {}", cluster.socket().display()));
    let rig = Rig::start(&[("conf.d/postgres.yaml", &conf)], None);
    rig.until_status("postgres", Status::Ok).await;
    has(&rig.sink, "postgresql.connections", "db:shop").await;
    let tags = rig.sink.series("postgresql.connections")[0].tags.clone();
    assert!(!tags.iter().any(|t| t.starts_with("port:")), "{tags:?}");
    rig.agent.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_is_told() {
    let conf = "instances:\n  - host: 127.0.0.1\n    port: 1\n    username: oriel\n    dbname: nowhere\n";
    let rig = Rig::start(&[("conf.d/postgres.yaml", conf)], None);
    let row = rig.until_status("postgres", Status::Error).await;
    assert!(row.message.contains("127.0.0.1:1: Connection refused"), "{row:?}");
    rig.agent.shutdown().await;
}
