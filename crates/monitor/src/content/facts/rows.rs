//! `{{log.message}}`, `{{span.resource_name}}`, `{{event.tags.x}}`: the newest matching row, of the monitor or of a composite's member.

use super::super::{Member, evidence};
use super::Facts;
use crate::notice::Notice;
use crate::rule::{Rule, Target};
use crate::template::Fact;
use oriel_model::{Core, Field, Row, Signal, TimeRange, Value};

/// What a message calls rows of a signal.
fn signal_of(word: &str) -> Option<Signal> {
    match word {
        "log" => Some(Signal::Logs),
        "span" => Some(Signal::Spans),
        "event" => Some(Signal::Events),
        _ => None,
    }
}

/// The page where rows of a signal are searched.
fn page_of(signal: Signal) -> &'static str {
    match signal {
        Signal::Spans => "apm/traces",
        Signal::Events => "events",
        _ => "logs",
    }
}

fn signal(rule: &Rule) -> Option<Signal> {
    match &rule.target {
        Target::Series(series) => series.row_queries.first().map(|q| q.query.signal),
        _ => None,
    }
}

impl Facts<'_> {
    /// Known to monitors over such rows only.
    pub(super) fn of_row(&self, word: &str, path: &str) -> Option<Fact> {
        let wanted = signal_of(word)?;
        let rule = self.rule?;
        if signal(rule) != Some(wanted) {
            return None;
        }
        if path == "link" {
            return Some(self.link(self.notice, rule));
        }
        Some(self.row.map_or(Fact::Nothing, |row| value(row, wanted, path)))
    }

    /// `{{a.log.message}}` of a composite.
    pub(super) fn of_member_row(&self, member: &Member, word: &str, path: &str) -> Option<Fact> {
        let wanted = signal_of(word)?;
        let rule = member.rule.as_ref()?;
        if signal(rule) != Some(wanted) {
            return None;
        }
        let mut notice = self.notice.clone();
        notice.tags.retain(|(key, _)| rule.group_by().contains(key));
        let window = rule.window(notice.transition.at_ms);
        notice.window = window.into();
        if path == "link" {
            return Some(self.link(&notice, rule));
        }
        let row = self.setting.has_evidence.then(|| self.newest(&notice, rule, window)).flatten();
        Some(row.map_or(Fact::Nothing, |row| value(&row, wanted, path)))
    }

    fn newest(&self, notice: &Notice, rule: &Rule, window: TimeRange) -> Option<Row> {
        let (signal, search, _) = evidence::search(notice, rule)?;
        self.setting.source.rows(notice.org(), (signal, &search), window, 1).ok()?.into_iter().next()
    }

    /// The page that shows the rows of the window.
    fn link(&self, notice: &Notice, rule: &Rule) -> Fact {
        let Some((signal, search, _)) = evidence::search(notice, rule) else { return Fact::Nothing };
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("query", &search);
        query.append_pair("from_ms", &notice.window.start_ms.to_string());
        query.append_pair("to_ms", &notice.window.end_ms.to_string());
        let base = self.setting.base_url.trim_end_matches('/');
        Fact::Text(format!("{base}/{}?{}", page_of(signal), query.finish()))
    }
}

pub(super) fn value(row: &Row, signal: Signal, path: &str) -> Fact {
    let field = match (path.split_once('.'), path) {
        (_, "timestamp" | "date") => return Fact::Time(row.time_ms()),
        (_, "tags") => return tags(row),
        (_, "id") if signal == Signal::Events => Field::attr("evt.id"),
        (_, "text") => Field::Core(Core::Message),
        (_, "host.name") => Field::Core(Core::Host),
        (Some(("attributes", rest)), _) => Field::attr(rest),
        (Some(("tags", rest)), _) => Field::tag(rest),
        _ => Field::parse(signal, path),
    };
    let found = row.value(&field).or_else(|| row.value(&Field::attr(path)));
    found.map_or(Fact::Nothing, |value| fact(&value))
}

/// `env:prod,team:web`: every tag of a row.
fn tags(row: &Row) -> Fact {
    let pair = |key: &str, value: &Value| match (key, value.text()) {
        (_, None) => None,
        (Field::BARE, Some(value)) => Some(value.into_owned()),
        (key, Some(value)) => Some(format!("{key}:{value}")),
    };
    let mut all: Vec<String> = Vec::new();
    for (field, value) in &row.attributes {
        let Field::Tag(key) = field else { continue };
        match value {
            Value::List(list) => all.extend(list.iter().filter_map(|value| pair(key, value))),
            value => all.extend(pair(key, value)),
        }
    }
    if all.is_empty() { Fact::Nothing } else { Fact::Text(all.join(",")) }
}

fn fact(value: &Value) -> Fact {
    match value {
        Value::Null => Fact::Nothing,
        Value::Int(_) | Value::Float(_) | Value::Uint(_) => {
            value.number().map_or(Fact::Nothing, Fact::Number)
        }
        Value::List(list) if list.iter().all(|v| matches!(v, Value::Text(_))) => {
            let texts: Vec<_> = list.iter().filter_map(Value::text).collect();
            Fact::Text(texts.join(","))
        }
        Value::List(_) => Fact::Text(value.to_json().to_string()),
        other => other.text().map_or(Fact::Nothing, |text| Fact::Text(text.into_owned())),
    }
}
