//! Processes of a recorded `/proc`, and what of a command line is hidden.

use super::command::clean;
use super::*;

struct Host(tempfile::TempDir);

impl Host {
    fn new() -> Self {
        let host = Self(tempfile::tempdir().unwrap());
        host.write("uptime", "1000.00 500.00\n");
        host.write("1/root/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nwww:x:33:33::/var/www:/bin/false\n");
        host
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn process(&self, pid: u32, started_s: u64, cmdline: &str) {
        let ticks = started_s * 100;
        self.write(
            &format!("{pid}/stat"),
            &format!("{pid} (na) me) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 {ticks} 0 0"),
        );
        self.write(&format!("{pid}/cmdline"), &cmdline.replace(' ', "\0"));
    }

    fn run(&self, processes: &mut Processes) -> Vec<String> {
        let mut run = Run::default();
        processes.collect(&Proc(self.0.path().to_owned()), &mut run).unwrap();
        run.samples.iter().map(|s| format!("{} {}", s.value, s.tags.join(" "))).collect()
    }
}

#[test]
fn processes_of_one_command_are_counted_together() {
    let host = Host::new();
    let user = names_of_users(&Proc(host.0.path().to_owned()))
        .remove(&std::fs::metadata(host.0.path()).unwrap().uid())
        .unwrap_or_default();
    host.process(10, 100, "/usr/sbin/nginx -g daemon");
    host.process(11, 100, "/usr/sbin/nginx -g daemon");
    host.process(12, 100, "");
    host.process(13, 995, "/bin/young");
    let mut processes = Processes::default();
    let wanted = [format!("2 process:nginx user:{user} command:/usr/sbin/nginx -g daemon")];
    assert_eq!(host.run(&mut processes), wanted);
    // A second run reads no command line again, and a process that ended is gone.
    std::fs::remove_dir_all(host.0.path().join("11")).unwrap();
    std::fs::remove_file(host.0.path().join("10/cmdline")).unwrap();
    assert_eq!(host.run(&mut processes), [wanted[0].replacen('2', "1", 1)]);
}

#[test]
fn a_host_tells_of_a_bounded_number_of_commands() {
    let host = Host::new();
    for pid in 0..(GROUPS_MAX as u32 + 20) {
        host.process(100 + pid, 100, &format!("job number{pid:04}"));
    }
    let mut processes = Processes::default();
    let lines = host.run(&mut processes);
    assert_eq!(lines.len(), GROUPS_MAX + 1);
    assert_eq!(lines.last().unwrap(), "20 process:other user:other command:other");
    // Those that were told of stay the same while they live.
    assert_eq!(host.run(&mut processes), lines);
}

#[test]
fn secrets_are_hidden() {
    let cases = [
        ("app --password=abc --port=1", "app --password=******** --port=1"),
        ("app --db-password abc --verbose", "app --db-password ******** --verbose"),
        ("env PGPASSWORD=abc psql", "env PGPASSWORD=******** psql"),
        ("java -Dapi.key=abc -jar x", "java -Dapi.key=******** -jar x"),
        ("run --client_secret:abc", "run --client_secret:********"),
        ("psql postgres://me:abc@db:5432/x?y=1", "psql postgres://me:********@db:5432/x?y=1"),
        ("app secretKey=abc -Dmy.passwords.db=abc", "app secretKey=******** -Dmy.passwords.db=********"),
        ("/usr/bin/mysql -u me -pabc shop", "/usr/bin/mysql -u me -p******** shop"),
        ("sshpass -p abc ssh web-1", "sshpass -p ******** ssh web-1"),
        ("nginx -p /etc/nginx", "nginx -p /etc/nginx"),
        ("git log --author=me --oauth2", "git log --author=me --oauth2"),
        ("curl -H Authorization:abc", "curl -H Authorization:********"),
        ("curl -H Authorization: Bearer abc x", "curl -H Authorization: ******** ******** x"),
    ];
    for (given, wanted) in cases {
        let arguments: Vec<&str> = given.split(' ').collect();
        assert_eq!(clean(&arguments), wanted);
    }
    assert_eq!(clean(&["x".repeat(500).as_str()]).chars().count(), 200);
}
