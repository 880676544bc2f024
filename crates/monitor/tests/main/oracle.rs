//! A slow, plain oracle of the state machine, written from the table of `docs/semantics.md` and not from the evaluator: one group at
//! a time, its whole history looked at for each minute.

use oriel_monitor::status::{Status, TransitionKind};

/// A monitor without groups over a gauge or a count, in minutes.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// `>` when true, `<` else.
    pub(crate) above: bool,
    pub(crate) critical: f64,
    pub(crate) warning: Option<f64>,
    pub(crate) critical_recovery: Option<f64>,
    pub(crate) warning_recovery: Option<f64>,
    /// `default`, `show_no_data`, `show_and_notify_no_data`, `resolve`.
    pub(crate) on_missing: Option<&'static str>,
    pub(crate) no_data_after: Option<i64>,
    pub(crate) counts: bool,
    pub(crate) renotify_every: i64,
    pub(crate) renotify_most: Option<u32>,
    pub(crate) renotify_warn: bool,
    pub(crate) timeout_h: i64,
    pub(crate) require_full: bool,
    pub(crate) delay: i64,
    /// 0 when the group was known before the monitor was.
    pub(crate) new_group_delay: i64,
    /// Minutes in which Oriel itself took nothing in: after the first, up to the second. Whether it was down, too.
    pub(crate) outage: Option<(i64, i64, bool)>,
}

/// What was measured in a minute: nothing, or a value and whether its window was full.
pub(crate) type Point = Option<(f64, bool)>;

/// A transition: minute, from, to, kind, whether it is told.
pub(crate) type Told = (i64, Status, Status, TransitionKind, bool);

/// Everything that happens to one group.
pub(crate) fn run(plan: &Plan, points: &[Point]) -> Vec<Told> {
    let mut log: Vec<Told> = Vec::new();
    let first_seen = points.iter().position(Option::is_some);
    for minute in 1..=points.len() as i64 {
        if first_seen.is_none_or(|first| (first as i64) + 1 > minute) {
            continue;
        }
        let began = (1..).find(|minute| !plan.is_down(*minute));
        let known_since = if first_seen.map(|first| first as i64 + 1) == began {
            i64::MIN / 2
        } else {
            first_seen.unwrap() as i64 + 1
        };
        let was = status_before(&log);
        if plan.is_down(minute) {
            continue;
        }
        let Some(now) = status(plan, points, minute, was, known_since) else { continue };
        if now != was {
            let told = tells(plan, now, &log);
            log.push((minute, was, now, word(was, now), told));
        } else if renotifies(plan, &log, minute, was) {
            log.push((minute, was, was, TransitionKind::Renotify, true));
        }
    }
    log
}

fn status_before(log: &[Told]) -> Status {
    log.last().map_or(Status::Ok, |t| t.2)
}

impl Plan {
    /// The newest evaluation before a start is made by it, those before are not.
    fn is_down(&self, minute: i64) -> bool {
        self.outage.is_some_and(|(from, to, down)| down && from < minute && minute + 1 < to)
    }

    /// Whether nothing is concluded from what is missing: a minute into an outage, and the no-data window after it, which is
    /// twice the window of 5 minutes or 10 at most.
    fn is_grace(&self, minute: i64) -> bool {
        let window = self.no_data_after.unwrap_or(10).min(10);
        self.outage.is_some_and(|(from, to, _)| from < minute && minute < to + self.delay + window)
    }
}

/// None when nothing is said of the group.
fn status(plan: &Plan, points: &[Point], minute: i64, was: Status, known_since: i64) -> Option<Status> {
    if was == Status::Ok && minute < known_since + plan.new_group_delay {
        return Some(Status::Ok);
    }
    if !plan.is_grace(minute) {
        return Some(status_of(plan, points, minute, was));
    }
    let (value, full) = points[minute as usize - 1]?;
    if plan.require_full && !full {
        return Some(was);
    }
    let now = compared(plan, value, was);
    let rank = |status: Status| [Status::Ok, Status::Warn, Status::Alert].iter().position(|s| *s == status);
    // What more counts could take back is not said: they only make a value larger.
    let taken_back = plan.counts
        && match (rank(was), rank(now)) {
            (Some(was), Some(now)) if plan.above => now < was,
            (was, now) => !plan.above && now > was.or(Some(0)),
        };
    (!taken_back).then_some(now)
}

fn status_of(plan: &Plan, points: &[Point], minute: i64, was: Status) -> Status {
    let newest = (1..=minute).rev().find(|m| points[*m as usize - 1].is_some()).unwrap();
    // Data of minute m is counted up to m; with a delay the newest moment that counts is earlier.
    let absent = minute - plan.delay - newest;
    let missing = points[minute as usize - 1].is_none();
    let waited = plan.on_missing.is_none() && plan.no_data_after.is_some_and(|after| absent >= after);
    if missing || waited {
        if plan.timeout_h > 0 && absent >= plan.timeout_h * 60 {
            return Status::Ok;
        }
        let word = if waited { "show_and_notify_no_data" } else { plan.on_missing.unwrap_or("default") };
        return match word {
            "resolve" => Status::Ok,
            "show_no_data" | "show_and_notify_no_data" => Status::NoData,
            _ if plan.counts => compared(plan, 0.0, was),
            _ => was,
        };
    }
    let (value, full) = points[minute as usize - 1].unwrap();
    if plan.require_full && !full { was } else { compared(plan, value, was) }
}

fn compared(plan: &Plan, value: f64, was: Status) -> Status {
    let worse = |threshold: f64| if plan.above { value > threshold } else { value < threshold };
    // A threshold that a triggered status may not have come back to yet. Without a recovery threshold it is the threshold itself.
    if worse(plan.critical) {
        return Status::Alert;
    }
    if was == Status::Alert && worse(plan.critical_recovery.unwrap_or(plan.critical)) {
        return Status::Alert;
    }
    let Some(warning) = plan.warning else { return Status::Ok };
    if worse(warning) {
        return Status::Warn;
    }
    if was == Status::Warn && worse(plan.warning_recovery.unwrap_or(warning)) {
        return Status::Warn;
    }
    Status::Ok
}

fn tells(plan: &Plan, now: Status, log: &[Told]) -> bool {
    match now {
        Status::NoData => match plan.on_missing {
            Some(word) => word == "show_and_notify_no_data",
            None => true,
        },
        // A recovery is told when something of its episode was.
        Status::Ok => log.iter().rev().take_while(|t| t.2 != Status::Ok).any(|t| t.4),
        _ => true,
    }
}

fn renotifies(plan: &Plan, log: &[Told], minute: i64, was: Status) -> bool {
    let wanted = match was {
        Status::Alert => true,
        Status::NoData => tells(plan, Status::NoData, log),
        Status::Warn => plan.renotify_warn,
        _ => false,
    };
    if plan.renotify_every == 0 || !wanted {
        return false;
    }
    let episode: Vec<&Told> = log.iter().rev().take_while(|t| t.2 != Status::Ok).collect();
    let Some(newest) = episode.iter().find(|t| t.4) else { return false };
    let again = episode.iter().take_while(|t| t.3 == TransitionKind::Renotify).count();
    minute - newest.0 >= plan.renotify_every && plan.renotify_most.is_none_or(|most| again < most as usize)
}

fn word(was: Status, now: Status) -> TransitionKind {
    use TransitionKind as K;
    match (was, now) {
        (Status::Warn, Status::Alert) => K::WarningToAlert,
        (Status::Alert, Status::Warn) => K::AlertToWarning,
        (_, Status::Alert) => K::Alert,
        (_, Status::Warn) => K::Warning,
        (_, Status::NoData) => K::NoData,
        (Status::Alert, Status::Ok) => K::AlertRecovery,
        (Status::Warn, Status::Ok) => K::WarningRecovery,
        (Status::NoData, Status::Ok) => K::NoDataRecovery,
        other => panic!("{other:?}"),
    }
}
