//! Time lines of groups.

use super::*;
use oriel_monitor::notice::Window;
use oriel_monitor::status::{Transition, TransitionKind};

fn recorded(at_ms: TimeMs, from: Status, to: Status) -> Recorded {
    let kind = TransitionKind::Alert;
    Recorded {
        transition: Transition { at_ms, group: "host:a".into(), from, to, kind, value: None, tells: true },
        window: Window { start_ms: 0, end_ms: at_ms },
        notice: None,
        muted: None,
    }
}

#[test]
fn stretches_cover_the_range_and_begin_with_what_was_before() {
    let range = TimeRange::new(100, 200);
    let of = |all: &[Recorded]| -> Vec<(TimeMs, TimeMs, Status)> {
        let lines = lines(all, range);
        lines.into_values().flatten().map(|s| (s.from_ms, s.to_ms, s.status)).collect()
    };
    let (alert, ok) = (Status::Alert, Status::Ok);
    assert_eq!(of(&[recorded(150, ok, alert)]), [(100, 150, ok), (150, 200, alert)]);
    assert_eq!(
        of(&[recorded(50, ok, alert), recorded(150, alert, alert), recorded(160, alert, ok)]),
        [(100, 160, alert), (160, 200, ok)]
    );
    assert_eq!(of(&[recorded(50, ok, alert)]), [(100, 200, alert)]);
}
