//! The settings file, good and bad.

use super::*;

#[test]
fn values_of_every_sort_are_text_and_both_spellings_are_one_name() {
    let file = SettingsFile::parse(
        "http = \"127.0.0.1:9000\"\nno-agent = true\nstatsd_socket = \"/run/s\"\ntags = [\"env:prod\", \"a:b\"]\n",
    )
    .unwrap();
    assert_eq!(file.get("http").as_deref(), Some("127.0.0.1:9000"));
    assert_eq!(file.get("no-agent").as_deref(), Some("true"));
    assert_eq!(file.get("statsd-socket").as_deref(), Some("/run/s"));
    assert_eq!(file.get("tags").as_deref(), Some("env:prod,a:b"));
    assert_eq!(file.get("data"), None);
}

#[test]
fn a_slip_is_an_error_that_names_it() {
    assert!(SettingsFile::parse("htpp = \"x\"").unwrap_err().contains("htpp is not a setting"));
    assert!(SettingsFile::parse("[http]\na = 1").unwrap_err().contains("http is a table"));
    assert!(SettingsFile::parse("http = ").is_err());
}
