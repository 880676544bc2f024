//! Beats, kills and refusals, with what is written of them.

use super::*;

const SECOND: i64 = 1_000;

/// A process over what was written before, and a file that survives it.
#[derive(Default)]
struct Rig {
    pulse: Pulse,
    written: Vec<IntakeRun>,
}

impl Rig {
    /// The process ends without a word, and a new one starts.
    fn start(&mut self, at_s: i64) {
        self.pulse = Pulse::load(self.written.clone(), at_s * SECOND);
        self.beat(at_s, true);
    }

    fn beat(&mut self, at_s: i64, takes_in: bool) {
        for run in self.pulse.beat(at_s * SECOND, takes_in) {
            self.written.retain(|old| old.from_ms != run.from_ms);
            self.written.push(run);
        }
    }

    fn lives(&mut self, seconds: std::ops::RangeInclusive<i64>, takes_in: bool) {
        seconds.for_each(|s| self.beat(s, takes_in));
    }

    fn outages(&self, now_s: i64) -> Vec<(i64, i64, Reason)> {
        let all = self.pulse.outages(now_s * SECOND);
        all.iter().map(|o| (o.from_ms / SECOND, o.to_ms / SECOND, o.reason)).collect()
    }
}

#[test]
fn a_first_start_is_no_outage_and_neither_is_a_quick_restart() {
    let mut rig = Rig::default();
    rig.start(1_000);
    rig.lives(1_001..=1_095, true);
    assert_eq!(rig.written.last().unwrap().to_ms, 1_090 * SECOND, "one beat in ten seconds is written");
    rig.start(1_150);
    assert_eq!(rig.outages(1_150), []);
    assert_eq!(rig.written.len(), 1);
}

#[test]
fn a_kill_and_a_late_start_are_an_outage_from_the_last_written_beat() {
    let mut rig = Rig::default();
    rig.start(1_000);
    rig.lives(1_001..=1_095, true);
    rig.start(1_151);
    assert_eq!(rig.outages(1_151), [(1_090, 1_151, Reason::Down)]);
    rig.start(9_000);
    assert_eq!(rig.outages(9_000), [(1_090, 1_151, Reason::Down), (1_151, 9_000, Reason::Down)]);
}

#[test]
fn a_process_that_stood_still_was_down_too() {
    let mut rig = Rig::default();
    rig.start(1_000);
    rig.lives(1_001..=1_055, true);
    rig.beat(2_000, true);
    assert_eq!(rig.outages(2_000), [(1_055, 2_000, Reason::Down)]);
    rig.start(2_010);
    assert_eq!(rig.outages(2_010), [(1_055, 2_000, Reason::Down)], "and that was written");
}

#[test]
fn a_full_disk_is_an_outage_while_it_lasts_and_after_it() {
    let mut rig = Rig::default();
    rig.start(1_000);
    rig.lives(1_001..=1_055, true);
    rig.lives(1_056..=1_090, false);
    assert_eq!(rig.outages(1_090), [], "not for less than a minute");
    assert_eq!(rig.pulse.present(), None);
    rig.lives(1_091..=1_200, false);
    assert_eq!(rig.outages(1_200), [(1_055, 1_200, Reason::Refused)]);
    rig.lives(1_201..=1_210, true);
    assert_eq!(rig.outages(1_210), [(1_055, 1_201, Reason::Refused)]);
    rig.start(1_215);
    assert_eq!(rig.outages(1_215), [(1_055, 1_201, Reason::Refused)]);
    // A short one leaves nothing.
    rig.lives(1_216..=1_230, false);
    rig.lives(1_231..=1_240, true);
    assert_eq!(rig.outages(1_240).len(), 1);
}

#[test]
fn a_clock_that_was_ahead_is_not_believed() {
    let mut rig = Rig::default();
    rig.start(50_000);
    rig.start(1_000);
    assert_eq!(rig.outages(1_000), []);
    rig.lives(1_001..=1_020, true);
    rig.start(1_100);
    assert_eq!(rig.outages(1_100), [(1_020, 1_100, Reason::Down)]);
}

#[test]
fn what_is_not_kept_is_forgotten() {
    let mut rig = Rig::default();
    [1_000, 2_000, 3_000].into_iter().for_each(|s| rig.start(s));
    rig.pulse.forget(1_500 * SECOND);
    assert_eq!(rig.outages(3_000), [(2_000, 3_000, Reason::Down)]);
}
