//! Which of three places wins, and errors that name their setting.

use super::*;

fn server_of(flags: ServerFlags, file: &str) -> Outcome<ServerSettings> {
    server(flags, &SettingsFile::parse(file).unwrap())
}

#[test]
fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
    let flags = || ServerFlags { data: Some("/d".into()), ..ServerFlags::default() };
    let plain = server_of(flags(), "").unwrap();
    assert_eq!(plain.http.to_string(), "127.0.0.1:8080");
    assert_eq!(plain.statsd.udp.unwrap().to_string(), "127.0.0.1:8125");
    assert_eq!(plain.agent.unwrap().config_dir, Path::new("/d/agent"));
    let file = "http = \"127.0.0.1:1\"\nstatsd = \"off\"\nno-agent = true\nhostname = \"web-1\"\nretention = \"metrics=2w,spans=3d\"";
    let from_file = server_of(flags(), file).unwrap();
    assert_eq!(from_file.http.port(), 1);
    assert!(from_file.statsd.udp.is_none() && from_file.agent.is_none());
    assert_eq!(from_file.hostname, "web-1");
    let days = |ms: i64| ms / 86_400_000;
    let kept = from_file.retention;
    assert_eq!([kept.metrics_ms, kept.events_ms, kept.logs_ms, kept.spans_ms].map(days), [14, 30, 30, 3]);
    let with_flag = server_of(ServerFlags { http: Some("9000".into()), ..flags() }, file).unwrap();
    assert_eq!(with_flag.http.to_string(), "127.0.0.1:9000");
}

#[test]
fn errors_name_their_setting() {
    let cases = [
        ("http = \"nowhere\"", "http:"),
        ("http = \"off\"", "http can't be off"),
        ("retention = \"traces=3d\"", "retention:"),
        ("retention = \"long\"", "retention:"),
        ("memory = \"much\"", "memory:"),
        ("tls-cert = \"x\"", "tls-cert and tls-key"),
    ];
    for (file, text) in cases {
        let flags = ServerFlags { data: Some("/d".into()), ..ServerFlags::default() };
        let error = server_of(flags, file).err().unwrap().to_string();
        assert!(error.starts_with(text), "{file}: {error}");
    }
    let error = agent(AgentRunFlags::default(), &SettingsFile::default()).err().unwrap().to_string();
    assert!(error.contains("--server") || error.contains("HOME"), "{error}");
}
