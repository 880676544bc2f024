//! Which mounts count, from a recorded list.

use super::*;
use serde_json::json;

const MOUNTS: &str = "\
overlay / overlay rw,relatime 0 0
proc /proc proc rw 0 0
tmpfs /dev tmpfs rw 0 0
/dev/sda1 /etc/hosts ext4 rw 0 0
/dev/sda1 /data ext4 rw 0 0
/dev/sdb1 /mnt/with\\040blank xfs rw 0 0
/dev/loop3 /snap/core squashfs ro 0 0
overlay /var/lib/docker/overlay2/abc/merged overlay rw 0 0
server:/export /mnt/nfs nfs4 rw 0 0
none /weird ext4 rw 0 0
cgroup2 /sys/fs/cgroup cgroup2 ro 0 0
";

fn points(settings: &Value) -> Vec<String> {
    let mounts = Filter::new(settings).select(parse_mounts(MOUNTS));
    mounts.into_iter().map(|m| format!("{} {}", m.device, m.point)).collect()
}

#[test]
fn pseudo_file_systems_and_layers_are_left_out_and_a_device_shows_once() {
    assert_eq!(
        points(&Value::Null),
        ["/dev/sda1 /data", "/dev/sdb1 /mnt/with blank", "overlay /", "server:/export /mnt/nfs"]
    );
}

#[test]
fn patterns_of_the_configuration_choose() {
    assert_eq!(points(&json!({"mount_point_exclude": ["/mnt/.*"]})), ["/dev/sda1 /data", "overlay /"]);
    assert_eq!(
        points(&json!({"file_system_include": ["tmpfs", "xfs"]})),
        ["/dev/sdb1 /mnt/with blank", "tmpfs /dev"]
    );
    assert_eq!(
        points(&json!({"device_include": ["/dev/s.*"], "device_exclude": ["/dev/sdb1"]})),
        ["/dev/sda1 /data"]
    );
}

#[tokio::test]
async fn this_machine_has_a_disk_and_its_parts_add_up() {
    let run = Disk::new(Path::new("/proc"), vec!["env:t".into()], &Value::Null).run().await;
    assert_eq!(run.failure, None);
    let of = |name: &str| run.samples.iter().find(|s| s.name == name).unwrap();
    let (total, used, free) =
        (of("system.disk.total"), of("system.disk.used").value, of("system.disk.free").value);
    assert!(total.value >= used + free, "{} {used} {free}", total.value);
    assert!(used > 0.0 && of("system.disk.in_use").value <= 1.0);
    assert!(
        total.tags.iter().any(|t| t.starts_with("device_name:")) && total.tags.contains(&"env:t".to_owned())
    );
}
