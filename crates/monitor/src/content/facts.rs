//! The values of a notice, by the names that messages ask for.

mod host;
mod rows;

use super::{Setting, words};
use crate::notice::Notice;
use crate::rule::{Rule, SloRule, Target};
use crate::template::{Fact, Values, number};
use oriel_model::{Core, Row, TimeMs};
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
    setting: &'a Setting<'a>,
}

impl<'a> Facts<'a> {
    pub fn new(
        notice: &'a Notice,
        rule: Option<&'a Rule>,
        setting: &'a Setting<'a>,
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
            setting,
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
            "alert_cycle_key" => Some(Fact::Text(words::cycle(notice))),
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

    /// What SLO alerts have beside their value.
    fn of_slo(&self, name: &str) -> Option<Fact> {
        let Target::Slo(slo) = &self.rule?.target else { return None };
        let (over_ms, burns) = match slo {
            SloRule::ErrorBudget { over_ms, .. } => (*over_ms, false),
            SloRule::BurnRate { over_ms, .. } => (*over_ms, true),
        };
        match name {
            "timeframe" => Some(Fact::Text(format!("{}d", over_ms / 86_400_000))),
            "long_window_burn_rate" | "short_window_burn_rate" if burns => {
                let at = (self.notice.org(), self.notice.transition.at_ms);
                let all = self.setting.picture.slo_measures(self.setting.source, slo, at);
                let of_group = all.iter().find(|m| m.key == self.notice.transition.group);
                let rate = of_group.map(|m| if name.starts_with("long") { m.long } else { m.short });
                Self::number_or_nothing(rate.filter(|rate| rate.is_finite()))
            }
            _ => None,
        }
    }

    fn of_member(&self, name: &str) -> Option<Fact> {
        let (letter, what) = name.split_once('.')?;
        let [letter @ b'a'..=b'z'] = letter.as_bytes() else { return None };
        let member = self.setting.members.get(usize::from(letter - b'a'))?;
        match (what, what.split_once('.')) {
            ("value", _) => Self::number_or_nothing(member.value),
            ("status", _) => Some(Fact::Text(member.status.as_str().to_owned())),
            ("name", _) => Some(Fact::Text(member.name.clone())),
            ("id", _) => Some(Fact::Text(member.id.to_string())),
            (_, Some((word, path))) => self.of_member_row(member, word, path),
            _ => None,
        }
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
            None => self.of_slo(name),
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
mod tests;
