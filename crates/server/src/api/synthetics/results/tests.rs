//! What agents say of runs, read again; and how news is put to what is known.

use super::*;

fn check(at_ms: TimeMs, id: &str, status: CheckStatus, message: &str) -> ServiceCheck {
    ServiceCheck {
        time_ms: at_ms,
        check: CHECK.to_owned(),
        host: "web-1".to_owned(),
        status,
        message: message.to_owned(),
        tags: vec![format!("test_id:{id}"), "location:web-1".to_owned()],
    }
}

#[test]
fn a_run_is_read_off_its_message() {
    let passed = run_of(&check(5, "a", CheckStatus::Ok, "passed in 12 ms"));
    let location = "web-1".to_owned();
    assert_eq!(passed, TestRun { at_ms: 5, passed: true, took_ms: Some(12.0), error: None, location });
    let failed = run_of(&check(5, "a", CheckStatus::Critical, "failed in 7 ms: body is a: b; expected is c"));
    assert_eq!((failed.took_ms, failed.error.as_deref()), (Some(7.0), Some("body is a: b; expected is c")));
    // Whoever else submits such a check is heard too.
    let other = run_of(&check(5, "a", CheckStatus::Critical, "it burns"));
    assert_eq!((other.took_ms, other.error.as_deref()), (None, Some("it burns")));
}

#[test]
fn what_is_read_again_is_there_once() {
    let ok = |at| check(at, "a", CheckStatus::Ok, "passed in 1 ms");
    let now = 2 * DAY_MS;
    let known = merged(Runs::new(), &[ok(now - DAY_MS), ok(now - 300), ok(now - 100)], (now - DAY_MS, now));
    // Five minutes on: the last two are read again, one of them came late, and the first is too old.
    let later = now + 300_000;
    let again = merged(known, &[ok(now - 100), ok(now - 50), ok(later)], (now - 200, later));
    let times: Vec<TimeMs> = again["a"].iter().map(|r| r.at_ms).collect();
    assert_eq!(times, [now - 300, now - 100, now - 50, later]);
    assert_eq!(uptime(&again["a"]), 100.0);
    assert!(uptime(&[]).is_nan());
}

#[test]
fn failures_have_the_words_that_clients_know() {
    let cases = [
        ("statusCode is 500; expected is 200", "INCORRECT_ASSERTION"),
        ("the connection to a:1 is refused", "CONNREFUSED"),
        ("no answer within 5 s", "TIMEOUT"),
        ("the certificate is not valid: expired", "SSL"),
        ("something else", "UNKNOWN"),
    ];
    for (error, wanted) in cases {
        assert_eq!(code(error), wanted, "{error}");
    }
}
