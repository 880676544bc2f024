//! Recorded files of `/proc` to samples.

use super::*;
use crate::check::SampleKind;
use serde_json::json;

/// A `/proc` of recorded files.
fn recorded(files: &[(&str, &str)]) -> (tempfile::TempDir, Proc) {
    let dir = tempfile::tempdir().unwrap();
    let proc = Proc(dir.path().to_owned());
    write(&proc, files);
    (dir, proc)
}

fn write(proc: &Proc, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = proc.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn collect(what: &mut impl Collect, proc: &Proc) -> Vec<String> {
    let mut run = Run::default();
    what.collect(proc, &mut run).unwrap();
    let line = |s: &crate::check::Sample| {
        let kind = match s.kind {
            SampleKind::Gauge => "",
            SampleKind::Rate => " a second",
            SampleKind::MonotonicCount => " grows",
            _ => " ?",
        };
        let tags = if s.tags.is_empty() { String::new() } else { format!(" {}", s.tags.join(",")) };
        format!("{} {:.3}{kind}{tags}", s.name, s.value)
    };
    run.samples.iter().map(line).collect()
}

fn has(lines: &[String], want: &[&str]) {
    for w in want {
        assert!(lines.iter().any(|l| l == w), "no line {w:?} in {lines:#?}");
    }
}

const STAT: &str = "cpu  100 20 50 800 10 5 15 0 30 0\ncpu0 50 10 25 400 5 2 8 0 0 0\ncpu1 50 10 25 400 5 3 7 0 0 0\n\
                    ctxt 12345\nprocesses 99\nprocs_running 3\nprocs_blocked 1\n";

#[test]
fn cpu_shares_are_of_the_time_since_the_reading_before() {
    let (_dir, proc) = recorded(&[("stat", STAT)]);
    let mut cpu = cpu::Cpu::primed(&proc);
    // 200 ticks later: 40 user, 20 nice, 10 system, 100 idle, 10 iowait, 8 irq, 2 softirq, 10 steal.
    write(
        &proc,
        &[("stat", &STAT.replace("100 20 50 800 10 5 15 0 30 0", "140 40 60 900 20 13 17 10 50 0"))],
    );
    has(
        &collect(&mut cpu, &proc),
        &[
            "system.cpu.user 30.000",
            "system.cpu.system 10.000",
            "system.cpu.idle 50.000",
            "system.cpu.iowait 5.000",
            "system.cpu.interrupt 5.000",
            "system.cpu.stolen 5.000",
            "system.cpu.guest 10.000",
            "system.cpu.num_cores 2.000",
            "system.cpu.context_switches 12345.000 grows",
            "system.proc.running 3.000",
        ],
    );
}

#[test]
fn load_is_also_told_by_core() {
    let (_dir, proc) = recorded(&[("loadavg", "1.50 0.50 0.25 2/345 6789\n"), ("stat", STAT)]);
    has(
        &collect(&mut load::Load, &proc),
        &[
            "system.load.1 1.500",
            "system.load.norm.1 0.750",
            "system.load.15 0.250",
            "system.proc.threads 345.000",
        ],
    );
}

#[test]
fn memory_is_in_mib_and_shares_are_fractions() {
    let meminfo = "MemTotal:        4194304 kB\nMemFree:         1048576 kB\nMemAvailable:    2097152 kB\n\
                   Buffers:          102400 kB\nCached:           512000 kB\nSReclaimable:     102400 kB\nShmem: 10240 kB\n\
                   SwapTotal: 2097152 kB\nSwapFree: 1048576 kB\nCommitted_AS: 1024 kB\nHugePages_Total: 0\n";
    let (_dir, proc) = recorded(&[("meminfo", meminfo), ("vmstat", "pswpin 7\noom_kill 2\n")]);
    has(
        &collect(&mut memory::Memory, &proc),
        &[
            "system.mem.total 4096.000",
            "system.mem.free 1024.000",
            "system.mem.used 3072.000",
            "system.mem.usable 2048.000",
            "system.mem.pct_usable 0.500",
            "system.mem.cached 600.000",
            "system.mem.committed_as 1.000",
            "system.swap.used 1024.000",
            "system.swap.pct_free 0.500",
            "system.swap.swap_in 7.000 a second",
            "system.mem.oom_kills 2.000 grows",
        ],
    );
}

#[test]
fn io_is_what_iostat_shows() {
    let before = "   8       0 sda 100 10 2000 500 50 5 1000 400 0 600 900 0 0 0 0 0 0\n   7 0 loop0 9 0 9 9 9 0 9 9 0 9 9\n";
    let after = "   8       0 sda 200 20 4000 1500 150 25 3000 2400 0 1600 3900 0 0 0 0 0 0\n   7 0 loop0 9 0 9 9 9 0 9 9 0 9 9\n";
    let (_dir, proc) = recorded(&[("diskstats", before), ("vmstat", "pgpgin 10\npgpgout 20\n")]);
    let mut io = io::Io::primed(&proc);
    write(&proc, &[("diskstats", after)]);
    let lines = collect(&mut io, &proc);
    // 100 reads in 1000 ms, 100 writes in 2000 ms, 4000 sectors in all: none of these depends on the time between.
    has(
        &lines,
        &[
            "system.io.r_await 10.000 device:sda,device_name:sda",
            "system.io.w_await 20.000 device:sda,device_name:sda",
            "system.io.await 15.000 device:sda,device_name:sda",
            "system.io.avg_rq_sz 20.000 device:sda,device_name:sda",
            "system.io.svctm 5.000 device:sda,device_name:sda",
            "system.io.block_in 10.000 a second",
        ],
    );
    assert!(!lines.iter().any(|l| l.contains("loop0")));
}

#[test]
fn network_counts_interfaces_protocols_and_states() {
    let dev = "Inter-|   Receive\n face |bytes packets\n    lo: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n\
               eth0:1000 20 1 2 0 0 0 0 3000 40 3 4 0 0 0 0\n";
    let snmp = "Tcp: CurrEstab InSegs RetransSegs\nTcp: 12 100 7\nUdp: InDatagrams NoPorts\nUdp: 5 6\n";
    let tcp = "  sl  local_address rem_address   st\n   0: 00:00 00:00 0A x\n   1: 00:00 00:00 01 x\n   2: 00:00 00:00 06 x\n";
    let (_dir, proc) = recorded(&[("net/dev", dev), ("net/snmp", snmp), ("net/tcp", tcp)]);
    let lines = collect(&mut network::Network::new(&json!({})), &proc);
    has(
        &lines,
        &[
            "system.net.bytes_rcvd 1000.000 a second device:eth0,device_name:eth0",
            "system.net.bytes_sent 3000.000 a second device:eth0,device_name:eth0",
            "system.net.packets_out.drop 4.000 a second device:eth0,device_name:eth0",
            "system.net.tcp.retrans_segs 7.000 a second",
            "system.net.tcp.current_established 12.000",
            "system.net.udp.no_ports 6.000 a second",
            "system.net.tcp4.listening 1.000",
            "system.net.tcp4.time_wait 1.000",
        ],
    );
    assert!(!lines.iter().any(|l| l.contains("device:lo")));
}

#[test]
fn file_handles_and_uptime() {
    let (_dir, proc) = recorded(&[("sys/fs/file-nr", "1000\t200\t3200\n"), ("uptime", "12345.67 999.0\n")]);
    std::fs::create_dir(proc.0.join("42")).unwrap();
    has(
        &collect(&mut file_handle::FileHandle, &proc),
        &[
            "system.fs.file_handles.used 800.000",
            "system.fs.file_handles.in_use 0.250",
            "system.proc.count 1.000",
        ],
    );
    has(&collect(&mut uptime::Uptime, &proc), &["system.uptime 12345.670"]);
}

#[tokio::test]
async fn every_system_check_runs_on_this_machine() {
    for name in SYSTEM {
        let run = system_check(name, &Value::Null).unwrap().run().await;
        assert_eq!(run.failure, None, "{name}");
        assert!(!run.samples.is_empty(), "{name}");
    }
}

/// Whatever stands in the files, a check gives an error or samples.
#[test]
fn nonsense_is_survived() {
    let junk = "cpu x\n:::\n8 0 sda\n\u{fffd} 9999999999999999999999\nTcp: a\nTcp: b c\n";
    let names =
        ["stat", "loadavg", "meminfo", "vmstat", "diskstats", "net/dev", "net/snmp", "net/tcp", "uptime"];
    let files: Vec<_> = names.iter().map(|n| (*n, junk)).collect();
    let (_dir, proc) = recorded(&files);
    let mut run = Run::default();
    let mut all: [Box<dyn Collect>; 6] = [
        Box::new(cpu::Cpu::primed(&proc)),
        Box::new(load::Load),
        Box::new(memory::Memory),
        Box::new(io::Io::primed(&proc)),
        Box::new(network::Network::new(&Value::Null)),
        Box::new(uptime::Uptime),
    ];
    for check in &mut all {
        let _ = check.collect(&proc, &mut run);
    }
}
