//! `tests/golden/monitors/*.case`: a monitor, what was measured each minute, and the transitions that follow.
//!
//! `monitor {…}` holds until the next one, `options {…}` is laid over its options for one case. What was measured stands a line
//! a group, a word a minute: `values` are handed to the evaluation as they are (`_` none, `5~` a window that is not full),
//! `buckets` are columns of a frame of one minute's step that is reduced first (`lower`, `upper`, `outlier` beside them), `runs`
//! are runs of a service check, `member` the statuses of a composite's monitor. `900x5` is five times 900. `down` and `refused`
//! have an `x` for each minute of an outage of Oriel itself.
//!
//! With `ORIEL_GOLDEN=fill` the expectations are written anew, for a person to read.

use oriel_model::{Band, BandSide, CheckStatus, Frame, FrameSeries, Kind, ServiceCheck};
use oriel_monitor::measured::{GroupMeasure, Measured};
use oriel_monitor::outage::{Outage, Outages, Reason};
use oriel_monitor::rule::{Member, Reduction, SloMeasure, Target};
use oriel_monitor::status::{Status, Transition};
use oriel_monitor::{Error, MonitorState, Rule, evaluate};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const MINUTE: i64 = 60_000;
/// A whole hour of a past day.
const T0: i64 = 1_700_006_400_000;

#[derive(Debug)]
struct Line {
    word: String,
    group: String,
    tokens: Vec<String>,
}

#[derive(Debug, Default)]
struct Case {
    title: String,
    options: Value,
    lines: Vec<Line>,
    expected: Vec<String>,
}

#[test]
fn golden_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/monitors");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "case"));
    files.sort();
    assert!(!files.is_empty(), "no cases in {}", folder.display());
    let (mut wrong, mut count) = (Vec::new(), 0);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut filled = String::new();
        let mut monitor = Value::Null;
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        for block in text.split_inclusive("\n\n") {
            let case = parse(block, &mut monitor);
            filled.push_str(block.split("expect\n").next().unwrap());
            if !block.contains("expect\n") {
                continue;
            }
            count += 1;
            let found = run(&case, &monitor);
            filled.push_str("expect\n");
            found.iter().for_each(|line| filled.push_str(&format!("  {line}\n")));
            filled.push('\n');
            if found != case.expected {
                let (found, expected) = (found.join("\n  "), case.expected.join("\n  "));
                wrong.push(format!("{name}: {}\n expected\n  {expected}\n found\n  {found}", case.title));
            }
        }
        if std::env::var("ORIEL_GOLDEN").is_ok_and(|v| v == "fill") {
            std::fs::write(&file, filled.trim_end().to_owned() + "\n").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{} of {count} cases\n{}", wrong.len(), wrong.join("\n\n"));
}

fn parse(block: &str, monitor: &mut Value) -> Case {
    let mut case = Case { options: json!({}), ..Case::default() };
    let mut expecting = false;
    for line in block.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
        let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        match word {
            _ if expecting => case.expected.push(line.trim().to_owned()),
            "expect" => expecting = true,
            "case" => case.title = rest.to_owned(),
            "monitor" => *monitor = serde_json::from_str(rest).unwrap_or_else(|e| panic!("{line}: {e}")),
            "options" => case.options = serde_json::from_str(rest).unwrap_or_else(|e| panic!("{line}: {e}")),
            _ => {
                let (group, values) = rest.rsplit_once(" : ").unwrap_or_else(|| panic!("{line}: no ' : '"));
                let tokens = values.split_whitespace().flat_map(repeated).collect();
                case.lines.push(Line { word: word.to_owned(), group: group.trim().to_owned(), tokens });
            }
        }
    }
    case
}

fn repeated(token: &str) -> Vec<String> {
    match token.rsplit_once('x').and_then(|(t, n)| Some((t, n.parse::<usize>().ok()?))) {
        Some((token, n)) => vec![token.to_owned(); n],
        None => vec![token.to_owned()],
    }
}

fn run(case: &Case, monitor: &Value) -> Vec<String> {
    let mut document = monitor.clone();
    for (key, value) in case.options.as_object().unwrap() {
        document["options"][key] = value.clone();
    }
    let rule = match Rule::parse(&document) {
        Ok(rule) => rule,
        Err(Error::Invalid(errors)) => return errors.iter().map(|e| format!("error {e}")).collect(),
        Err(other) => panic!("{other}"),
    };
    let minutes = case.lines.iter().map(|l| l.tokens.len()).max().unwrap_or(0);
    let mut state = MonitorState::default();
    let mut seen = Seen::default();
    let outages = outages(case);
    let mut found: Vec<String> = rule.warnings.iter().map(|w| format!("warning {w}")).collect();
    for minute in 1..=minutes {
        let at_ms = T0 + minute as i64 * MINUTE;
        if at_ms % rule.every_ms() != 0 || outages.skips(at_ms, at_ms + MINUTE + 1) {
            continue;
        }
        let mut measured = measure(case, &rule, minute);
        measured.outage = outages.at(at_ms);
        seen.join(&mut measured);
        let transitions = evaluate(&rule, &mut state, &measured);
        found.extend(transitions.iter().map(|t| line(minute, t)));
        // What is stored is what is known: a restart in each minute changes nothing.
        state = restarted(&state);
    }
    found
}

/// Those of the case; the first minute of the words ends at the first evaluation.
fn outages(case: &Case) -> Outages {
    let mut found: Vec<Outage> = Vec::new();
    for line in case.lines.iter().filter(|l| matches!(l.word.as_str(), "down" | "refused")) {
        for (n, _) in line.tokens.iter().enumerate().filter(|(_, token)| *token == "x") {
            let from_ms = T0 + n as i64 * MINUTE;
            match found.last_mut() {
                Some(outage) if outage.to_ms == from_ms => outage.to_ms += MINUTE,
                _ => {
                    let reason = Reason::parse(&line.word);
                    found.push(Outage { from_ms, to_ms: from_ms + MINUTE, reason });
                }
            }
        }
    }
    found.into_iter().collect()
}

fn restarted(state: &MonitorState) -> MonitorState {
    let rows = state.rows().map(|(key, group)| {
        let text = serde_json::to_string(group).unwrap();
        (key, serde_json::from_str(&text).unwrap())
    });
    MonitorState::load(rows)
}

fn line(minute: usize, t: &Transition) -> String {
    let kind = serde_json::to_value(t.kind).unwrap();
    let value = t.value.map_or(String::new(), |v| format!(" {v}"));
    let silent = if t.tells { "" } else { " (not told)" };
    format!(
        "{minute} {} {} > {}: {}{value}{silent}",
        t.group,
        t.from.as_str(),
        t.to.as_str(),
        kind.as_str().unwrap()
    )
}

fn measure(case: &Case, rule: &Rule, minute: usize) -> Measured {
    let at_ms = T0 + minute as i64 * MINUTE;
    let direct = case.lines.iter().any(|l| l.word == "values");
    match &rule.target {
        _ if direct && !matches!(rule.target, Target::Slo(_)) => values(case, minute),
        Target::Series(series) => {
            let frames = frames(case, series.requests(at_ms).len(), &series.reduction);
            series.reduce(at_ms, &frames.iter().collect::<Vec<_>>())
        }
        Target::Checks(check) => {
            let range = rule.window(at_ms);
            let runs: Vec<ServiceCheck> =
                runs(case, &check.check).into_iter().filter(|r| range.contains(r.time_ms)).collect();
            check.reduce(at_ms, &runs)
        }
        Target::Composite(composite) => {
            let members: Vec<_> = composite.monitors.iter().map(|id| member(case, *id, minute)).collect();
            composite.reduce(at_ms, &members)
        }
        Target::Slo(slo) => {
            let of = |line: &Line| number(line.tokens.get(minute - 1).map_or("_", String::as_str));
            let short = |key: &str| case.lines.iter().find(|l| l.word == "short" && l.group == key);
            let found: Vec<SloMeasure> = case
                .lines
                .iter()
                .filter(|l| l.word == "values")
                .map(|l| SloMeasure {
                    key: l.group.as_str().into(),
                    long: of(l),
                    short: short(&l.group).map_or(of(l), of),
                })
                .collect();
            slo.reduce(at_ms, &found)
        }
    }
}

fn number(token: &str) -> f64 {
    if token == "_" { f64::NAN } else { token.trim_end_matches('~').parse().unwrap() }
}

fn values(case: &Case, minute: usize) -> Measured {
    let at_ms = T0 + minute as i64 * MINUTE;
    let mut groups = Vec::new();
    for line in case.lines.iter().filter(|l| l.word == "values") {
        let token = line.tokens.get(minute - 1).map_or("_", String::as_str);
        if token != "_" {
            let full = !token.ends_with('~');
            groups
                .push(GroupMeasure { full, ..GroupMeasure::new(line.group.as_str(), number(token), at_ms) });
        }
    }
    groups.sort_by(|a, b| a.key.cmp(&b.key));
    Measured::new(at_ms, groups)
}

/// The whole columns, those of the future too: an evaluation must not look at them.
fn frames(case: &Case, count: usize, reduction: &Reduction) -> Vec<Frame> {
    let named = matches!(reduction, Reduction::Formula { .. });
    (1..=count)
        .map(|n| {
            let query = format!("query{n} ");
            let mine =
                |l: &&Line| l.word == "buckets" && (!named || format!("{} ", l.group).starts_with(&query));
            let lines: Vec<&Line> = case.lines.iter().filter(mine).collect();
            let len = lines.iter().map(|l| l.tokens.len()).max().unwrap_or(0);
            let series =
                lines.iter().map(|l| column(case, l, if named { &query } else { "" }, len)).collect();
            let times = (0..len as i64).map(|i| T0 + i * MINUTE).collect();
            Frame { times, step_ms: MINUTE, series, ..Frame::default() }
        })
        .collect()
}

fn column(case: &Case, line: &Line, prefix: &str, len: usize) -> FrameSeries {
    let group = line.group.strip_prefix(prefix).unwrap_or("*");
    let all = |word: &str| {
        let found = case.lines.iter().find(|l| l.word == word && l.group == line.group);
        found.map(|l| l.tokens.iter().map(|t| number(t)).collect::<Vec<f64>>())
    };
    let mut values: Vec<f64> = line.tokens.iter().map(|t| number(t)).collect();
    values.resize(len, f64::NAN);
    let band = all("upper").zip(all("lower"));
    let pairs = group.split(',').filter_map(|p| p.split_once(':'));
    FrameSeries {
        name: "m".into(),
        expression: "m".into(),
        scope: group.into(),
        group: pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
        aggregator: "avg".into(),
        kind: Kind::Gauge,
        values,
        band: band.map(|(upper, lower)| Band { lower, upper, side: BandSide::Both }),
        outlier: all("outlier").map(|o| o[0] != 0.0),
    }
}

fn runs(case: &Case, check: &str) -> Vec<ServiceCheck> {
    let mut found = Vec::new();
    for line in case.lines.iter().filter(|l| l.word == "runs") {
        for (n, token) in line.tokens.iter().enumerate() {
            let status = match token.as_str() {
                "ok" => CheckStatus::Ok,
                "warn" => CheckStatus::Warning,
                "crit" => CheckStatus::Critical,
                "unknown" => CheckStatus::Unknown,
                "_" => continue,
                other => panic!("{other} is not a status"),
            };
            let host = line.group.split(' ').find_map(|t| t.strip_prefix("host:")).unwrap_or_default();
            found.push(ServiceCheck {
                // In the middle of the minute before.
                time_ms: T0 + n as i64 * MINUTE + MINUTE / 2,
                check: check.to_owned(),
                host: host.to_owned(),
                status,
                message: String::new(),
                tags: line.group.split(' ').map(str::to_owned).collect(),
            });
        }
    }
    found.sort_by_key(|run| run.time_ms);
    found
}

fn member(case: &Case, id: i64, minute: usize) -> Option<Member> {
    let name = id.to_string();
    let lines: Vec<&Line> = case
        .lines
        .iter()
        .filter(|l| l.word == "member" && l.group.split(' ').next() == Some(&name))
        .collect();
    let first = lines.first()?;
    let key = |line: &Line| line.group.split_once(' ').map_or("*", |(_, key)| key).to_owned();
    let by = key(first).split(',').filter_map(|p| p.split_once(':')).map(|(k, _)| k.to_owned()).collect();
    let mut all: Vec<(Arc<str>, Status)> = lines
        .iter()
        .filter_map(|l| Some((key(l).into(), l.tokens.get(minute - 1)?)))
        .filter(|(_, token)| *token != "_")
        .map(|(key, token)| (key, Status::parse(token).unwrap()))
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let status = all.iter().map(|(_, s)| *s).max_by_key(|s| s.severity()).unwrap_or_default();
    let keys = all.iter().map(|(key, _)| key.clone()).collect();
    all.retain(|(_, status)| *status != Status::Ok);
    Some(Member { status, by, groups: all, keys })
}

/// What a watch does: who was seen is measured on as absent.
#[derive(Default)]
pub(crate) struct Seen {
    groups: BTreeMap<Arc<str>, (i64, i64)>,
    began: bool,
}

impl Seen {
    pub(crate) fn join(&mut self, measured: &mut Measured) {
        for group in &mut measured.groups {
            let first = if self.began { measured.at_ms } else { 0 };
            let sight = self.groups.entry(group.key.clone()).or_insert((first, group.last_seen_ms));
            sight.1 = sight.1.max(group.last_seen_ms);
            group.first_seen_ms = sight.0;
        }
        for (key, (first, last)) in &self.groups {
            if let Err(at) = measured.groups.binary_search_by(|g| g.key.cmp(key)) {
                measured.groups.insert(at, GroupMeasure::absent(key.clone(), *first, *last));
            }
        }
        self.began = true;
    }
}
