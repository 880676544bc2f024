//! Handles: `@name` in a message, who is told. A handle begins in the template's own text, never in a value (a log line must not
//! page anybody); what follows the `@` may come from values, as in `@slack-{{service.name}}`.

use std::ops::Range;

/// The longest address of a mail, and more than any name of a channel.
const HANDLE_BYTES_MAX: usize = 320;
/// Handles of one message; more are not told. A message that names more is a mailing list's work.
pub const HANDLES_MAX: usize = 250;
/// Words of chat programs, which mean people there.
const CHAT_WORDS: [&str; 3] = ["@here", "@channel", "@everyone"];

/// A handle and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    pub handle: String,
    pub range: Range<usize>,
}

/// What a handle names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An address.
    Email(String),
    /// A channel by its kind and the name after the dash; no name means the only one of its kind.
    Channel {
        kind: Kind,
        name: String,
    },
    Unknown,
}

/// Kinds of channels, by the words of handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Email,
    Slack,
    Teams,
    Discord,
    PagerDuty,
    Opsgenie,
    Sns,
    Telegram,
    Webhook,
}

impl Kind {
    pub const ALL: [Self; 9] = [
        Self::Email,
        Self::Slack,
        Self::Teams,
        Self::Discord,
        Self::PagerDuty,
        Self::Opsgenie,
        Self::Sns,
        Self::Telegram,
        Self::Webhook,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::Discord => "discord",
            Self::PagerDuty => "pagerduty",
            Self::Opsgenie => "opsgenie",
            Self::Sns => "sns",
            Self::Telegram => "telegram",
            Self::Webhook => "webhook",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(word))
    }
}

/// Each handle of a text once, in order.
pub fn scan(text: &str, values: &[Range<usize>]) -> Vec<Spot> {
    let mut found: Vec<Spot> = Vec::new();
    for spot in spots(text, values) {
        let is_new = !found.iter().any(|f| f.handle.eq_ignore_ascii_case(&spot.handle));
        if is_new && found.len() < HANDLES_MAX {
            found.push(spot);
        }
    }
    found
}

/// Every place of a handle.
pub(crate) fn spots(text: &str, values: &[Range<usize>]) -> Vec<Spot> {
    let is_value = |at: usize| values.iter().any(|range| range.contains(&at));
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find('@').map(|n| from + n) {
        from = at + 1;
        // Underscores right before it are markup unless they end a word: `_@slack-ops_`.
        let before = text[..at].trim_end_matches('_').chars().next_back();
        let is_boundary =
            before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '@' | '.' | '-' | '+' | '/'));
        if !is_boundary || is_value(at) {
            continue;
        }
        let end = at + 1 + length(&text[at + 1..]);
        let handle = text[at..end].trim_end_matches(['.', '-', '+', '_']);
        if handle.len() < 2 || handle.len() > HANDLE_BYTES_MAX || CHAT_WORDS.contains(&handle) {
            continue;
        }
        found.push(Spot { handle: handle.to_owned(), range: at..at + handle.len() });
        from = at + handle.len();
    }
    found
}

/// How far the letters of a handle go: one more `@` makes it an address.
fn length(text: &str) -> usize {
    let mut has_at = false;
    let end = text.char_indices().find(|(_, c)| {
        if *c == '@' && !has_at {
            has_at = true;
            return false;
        }
        !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+'))
    });
    end.map_or(text.len(), |(at, _)| at)
}

/// What a handle names, by its form alone.
pub fn target(handle: &str) -> Target {
    let Some(rest) = handle.strip_prefix('@') else { return Target::Unknown };
    if let Some((local, host)) = rest.split_once('@') {
        return if local.is_empty() || !host.contains('.') && host != "localhost" {
            Target::Unknown
        } else {
            Target::Email(rest.to_owned())
        };
    }
    let (word, name) = rest.split_once('-').unwrap_or((rest, ""));
    match Kind::parse(word) {
        Some(kind) => Target::Channel { kind, name: name.to_owned() },
        None => Target::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Target, scan, target};

    fn handles(text: &str) -> Vec<String> {
        scan(text, &[]).into_iter().map(|s| s.handle).collect()
    }

    #[test]
    fn handles_end_where_their_letters_end_and_addresses_hold_one_more_at() {
        assert_eq!(handles("tell @oncall@example.com."), ["@oncall@example.com"]);
        assert_eq!(handles("(@slack-ops, @pagerduty-shop) @slack-OPS"), ["@slack-ops", "@pagerduty-shop"]);
        assert_eq!(handles("mail me@example.com or @here; a @ b; @"), Vec::<String>::new());
        assert_eq!(handles("@a@b@c.de"), ["@a@b"]);
        assert_eq!(
            handles("_@slack-a_ **@slack-b** `@slack-c` |@slack-d| a_@slack-e"),
            ["@slack-a", "@slack-b", "@slack-c", "@slack-d"]
        );
    }

    #[test]
    fn a_value_never_begins_a_handle_and_may_end_one() {
        let text = "said @oncall@evil.org to @slack-web now";
        let evil = text.find("@oncall").unwrap();
        let web = text.find("web").unwrap();
        let found = scan(text, &[evil..evil + 16, web..web + 3]);
        assert_eq!(found.into_iter().map(|s| s.handle).collect::<Vec<_>>(), ["@slack-web"]);
    }

    #[test]
    fn what_handles_name() {
        assert_eq!(target("@a@b.org"), Target::Email("a@b.org".to_owned()));
        assert_eq!(target("@slack-a-b"), Target::Channel { kind: Kind::Slack, name: "a-b".to_owned() });
        assert_eq!(target("@pagerduty"), Target::Channel { kind: Kind::PagerDuty, name: String::new() });
        assert_eq!(target("@jira-x"), Target::Unknown);
        assert_eq!(target("@a@b"), Target::Unknown);
    }
}
