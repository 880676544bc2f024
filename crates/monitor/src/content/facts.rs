//! The values of a notice, by the names that messages ask for.

use super::{Member, Setting};
use crate::notice::Notice;
use crate::rule::{Rule, Target};
use crate::template::{Fact, Values, number};
use oriel_model::{Core, Field, Row, Signal, TimeMs, Value};
use serde_json::Value as Json;

/// See the module's head.
pub struct Facts<'a> {
    notice: &'a Notice,
    rule: Option<&'a Rule>,
    conditions: Vec<&'static str>,
    /// What the query's own filter fixes, when the group does not say it.
    scope: Vec<(String, String)>,
    host: Option<Json>,
    row: Option<&'a Row>,
    members: &'a [Member],
}

impl<'a> Facts<'a> {
    pub fn new(
        notice: &'a Notice,
        rule: Option<&'a Rule>,
        setting: &'a Setting<'_>,
        row: Option<&'a Row>,
    ) -> Self {
        let scope = rule.map(|rule| scope_of(&rule.query)).unwrap_or_default();
        let mut facts = Self {
            notice,
            rule,
            conditions: notice.transition.conditions(),
            scope,
            host: None,
            row,
            members: &setting.members,
        };
        facts.host = facts.host().and_then(|name| setting.source.host(notice.org(), name));
        facts
    }

    /// A tag of the group, else one that the filter fixes.
    fn tag(&self, key: &str) -> Option<&str> {
        let plain = key.trim_start_matches('@');
        let of = |pairs: &'a [(String, String)]| {
            pairs.iter().find(|(k, _)| k.trim_start_matches('@') == plain).map(|(_, v)| v.as_str())
        };
        if let Some(found) = of(&self.notice.tags) {
            return Some(found);
        }
        self.scope.iter().find(|(k, _)| k.trim_start_matches('@') == plain).map(|(_, v)| v.as_str())
    }

    pub(super) fn host(&self) -> Option<&str> {
        self.tag("host")
    }

    pub(super) fn group_tags(&self) -> &[(String, String)] {
        &self.notice.tags
    }

    /// `host:web-1,env:prod`: the group, or what the filter fixes.
    pub(super) fn scope_text(&self) -> String {
        let pairs = if self.notice.tags.is_empty() { &self.scope } else { &self.notice.tags };
        pairs.iter().map(|(k, v)| format!("{k}:{v}")).collect::<Vec<_>>().join(",")
    }

    pub(super) fn query(&self) -> &str {
        self.notice.body.get("query").and_then(Json::as_str).unwrap_or_default()
    }

    /// Tags of the monitor, then those of the group that it does not bear itself.
    pub(super) fn tags(&self) -> Vec<String> {
        let own = self.notice.body.get("tags").and_then(Json::as_array);
        let own = own.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned);
        let mut tags: Vec<String> = own.collect();
        for (key, value) in &self.notice.tags {
            let tag = format!("{key}:{value}");
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        tags
    }

    pub(super) fn priority(&self) -> Option<u8> {
        self.rule.and_then(|rule| rule.priority)
    }

    pub(super) fn time_text(&self, ms: TimeMs) -> String {
        jiff::Timestamp::from_millisecond(ms)
            .map_or_else(|_| ms.to_string(), |t| t.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
    }

    /// The threshold that this status is about.
    fn threshold(&self) -> Option<f64> {
        let thresholds = self.rule?.thresholds;
        let transition = &self.notice.transition;
        match (transition.to, transition.from) {
            (crate::status::Status::Warn, _) => thresholds.warning,
            (crate::status::Status::Ok, crate::status::Status::Warn) => {
                thresholds.warning_recovery.or(thresholds.warning)
            }
            (crate::status::Status::Ok, _) => thresholds.critical_recovery.or(thresholds.critical),
            _ => thresholds.critical,
        }
    }

    /// `812.3 > 800`; of a recovery without its sign turned around: `350 (threshold > 800)`.
    pub(super) fn comparison(&self) -> Option<String> {
        let rule = self.rule?;
        let value = self.notice.transition.value.filter(|v| v.is_finite())?;
        if !matches!(rule.target, Target::Series(_) | Target::Slo(_)) {
            return None;
        }
        let (sign, threshold) = (rule.comparator.as_str(), self.threshold()?);
        let value_text = number(value);
        Some(match rule.comparator.holds(value, threshold) {
            true => format!("{value_text} {sign} {}", number(threshold)),
            false => format!("{value_text} (threshold {sign} {})", number(threshold)),
        })
    }

    fn signal(&self) -> Option<Signal> {
        match &self.rule?.target {
            Target::Series(series) => series.row_queries.first().map(|q| q.query.signal),
            _ => None,
        }
    }

    fn number_or_nothing(value: Option<f64>) -> Option<Fact> {
        Some(value.map_or(Fact::Nothing, Fact::Number))
    }

    fn time(ms: Option<TimeMs>) -> Option<Fact> {
        Some(ms.map_or(Fact::Nothing, Fact::Time))
    }

    #[expect(clippy::cast_precision_loss, reason = "milliseconds since the epoch are below 2^53")]
    fn epoch(ms: Option<TimeMs>) -> Option<Fact> {
        Self::number_or_nothing(ms.map(|ms| ms as f64))
    }

    /// The values that every monitor has.
    fn plain(&self, name: &str) -> Option<Fact> {
        let notice = self.notice;
        let of = |pick: fn(&crate::rule::Thresholds) -> Option<f64>| {
            Self::number_or_nothing(self.rule.and_then(|rule| pick(&rule.thresholds)))
        };
        match name {
            "value" => Self::number_or_nothing(notice.transition.value.filter(|v| !v.is_nan())),
            "threshold" => of(|t| t.critical),
            "warn_threshold" => of(|t| t.warning),
            "ok_threshold" => of(|t| t.ok),
            "alert_recovery_threshold" => of(|t| t.critical_recovery),
            "warn_recovery_threshold" => of(|t| t.warning_recovery),
            "comparator" => Some(Fact::Text(self.rule?.comparator.as_str().to_owned())),
            "first_triggered_at" => Self::time(notice.triggered_ms),
            "first_triggered_at_epoch" => Self::epoch(notice.triggered_ms),
            "last_triggered_at" => Self::time(notice.last_triggered_ms),
            "last_triggered_at_epoch" => Self::epoch(notice.last_triggered_ms),
            "triggered_duration_sec" => {
                #[expect(clippy::cast_precision_loss, reason = "seconds of an episode")]
                let since = notice.triggered_ms.map(|t| ((notice.transition.at_ms - t) / 1000) as f64);
                Self::number_or_nothing(since)
            }
            "priority" => Some(self.priority().map_or(Fact::Nothing, |p| Fact::Text(format!("P{p}")))),
            "check_message" => Some(match self.row {
                Some(row) if matches!(self.rule?.target, Target::Checks(_)) => {
                    Fact::Text(row.text(Core::Message).to_owned())
                }
                _ => Fact::Nothing,
            }),
            _ => None,
        }
    }

    fn of_host(&self, rest: &str) -> Option<Fact> {
        if rest == "name" {
            return self.host().map(|name| Fact::Text(name.to_owned()));
        }
        let key = match rest {
            "ip" => "ip",
            _ => rest.strip_prefix("metadata_").or_else(|| rest.strip_prefix("metadata."))?,
        };
        self.host()?;
        let found = self.host.as_ref().and_then(|host| {
            host.get(key).or_else(|| host.pointer(&format!("/{}", key.replace('.', "/")))).cloned()
        });
        Some(found.map_or(Fact::Nothing, |json| match json {
            Json::String(text) => Fact::Text(text),
            Json::Number(n) => n.as_f64().map_or(Fact::Nothing, Fact::Number),
            Json::Null => Fact::Nothing,
            other => Fact::Text(other.to_string()),
        }))
    }

    /// `log.message`, `span.resource_name`, `event.tags.x` …; known to monitors over such rows only.
    fn of_row(&self, word: &str, path: &str) -> Option<Fact> {
        let signal = match word {
            "log" => Signal::Logs,
            "span" => Signal::Spans,
            "event" => Signal::Events,
            _ => return None,
        };
        if self.signal() != Some(signal) {
            return None;
        }
        let Some(row) = self.row else { return Some(Fact::Nothing) };
        let field = match (path.split_once('.'), path) {
            (_, "text") => Field::Core(Core::Message),
            (_, "title") => Field::Core(Core::Name),
            (_, "host.name") => Field::Core(Core::Host),
            (Some(("attributes", rest)), _) => Field::attr(rest),
            (Some(("tags", rest)), _) => Field::tag(rest),
            _ => Field::parse(signal, path),
        };
        let value = row.value(&field).or_else(|| row.value(&Field::attr(path)));
        Some(value.map_or(Fact::Nothing, |value| fact(&value)))
    }

    fn of_member(&self, name: &str) -> Option<Fact> {
        let (letter, what) = name.split_once('.')?;
        let [letter @ b'a'..=b'z'] = letter.as_bytes() else { return None };
        let member = self.members.get(usize::from(letter - b'a'))?;
        match what {
            "value" => Self::number_or_nothing(member.value),
            "status" => Some(Fact::Text(member.status.as_str().to_owned())),
            "name" => Some(Fact::Text(member.name.clone())),
            "id" => Some(Fact::Text(member.id.to_string())),
            _ => None,
        }
    }
}

fn fact(value: &Value) -> Fact {
    match value {
        Value::Null => Fact::Nothing,
        Value::Int(_) | Value::Float(_) | Value::Uint(_) => {
            value.number().map_or(Fact::Nothing, Fact::Number)
        }
        Value::List(_) => Fact::Text(value.to_json().to_string()),
        other => other.text().map_or(Fact::Nothing, |text| Fact::Text(text.into_owned())),
    }
}

impl Values for Facts<'_> {
    fn value(&self, name: &str) -> Option<Fact> {
        if let Some(found) = self.plain(name) {
            return Some(found);
        }
        // A tag is told before anything that has its form: `host.name` of the group.
        if let Some(found) = name.strip_suffix(".name").and_then(|key| self.tag(key)) {
            return Some(Fact::Text(found.to_owned()));
        }
        match name.split_once('.') {
            Some(("host", rest)) => self.of_host(rest),
            Some((word @ ("log" | "span" | "event"), path)) => self.of_row(word, path),
            _ => self.of_member(name),
        }
    }

    fn holds(&self, condition: &str) -> Option<bool> {
        Some(self.conditions.contains(&condition))
    }
}

/// Pairs that a query's filter fixes for every series: `{host:web-1,env:prod}`, and plain terms of a search. What is negated,
/// a choice or a pattern fixes nothing.
fn scope_of(query: &str) -> Vec<(String, String)> {
    let metric = query.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(inside, _)| inside);
    let (text, is_search) = match metric {
        Some(inside) => (inside, false),
        None => (quoted(query).unwrap_or_default(), true),
    };
    let has_choice = |word: &str| matches!(word, "OR" | "or" | "NOT" | "not" | "IN" | "in");
    if text.contains(['(', '$', '"']) || text.split_whitespace().any(has_choice) {
        return Vec::new();
    }
    let is_gap = |c: char| c.is_whitespace() || (!is_search && c == ',');
    let terms = text.split(is_gap).filter(|t| !t.is_empty() && *t != "AND");
    let pair = |term: &str| {
        let (key, value) = term.split_once(':')?;
        let is_fixed = !key.is_empty() && !value.is_empty() && !value.contains(['*', '?', '>', '<', '[']);
        (is_fixed && !key.starts_with(['!', '-'])).then(|| (key.to_owned(), value.to_owned()))
    };
    terms.filter_map(pair).collect()
}

/// What stands in a query's first quotes.
fn quoted(query: &str) -> Option<&str> {
    query.split('"').nth(1)
}

#[cfg(test)]
mod tests {
    use super::scope_of;

    #[test]
    fn filters_fix_what_is_plain() {
        let pairs = |query| scope_of(query).into_iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>();
        assert_eq!(pairs("avg(last_5m):avg:m{host:web-1,env:prod} by {dc} > 1"), ["host=web-1", "env=prod"]);
        assert_eq!(pairs("avg(last_5m):avg:m{host:web-* AND !env:a} > 1"), Vec::<String>::new());
        assert_eq!(pairs("avg(last_5m):avg:m{host:a OR host:b} > 1"), Vec::<String>::new());
        assert_eq!(
            pairs(
                "logs(\"service:web status:error -env:dev\").index(\"*\").rollup(\"count\").last(\"5m\") > 5"
            ),
            ["service=web", "status=error"]
        );
    }
}
