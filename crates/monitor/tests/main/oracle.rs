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
        let known_since = if first_seen == Some(0) { i64::MIN / 2 } else { first_seen.unwrap() as i64 + 1 };
        let was = status_before(&log);
        let now = status(plan, points, minute, was, known_since);
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

fn status(plan: &Plan, points: &[Point], minute: i64, was: Status, known_since: i64) -> Status {
    if was == Status::Ok && minute < known_since + plan.new_group_delay {
        return Status::Ok;
    }
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
