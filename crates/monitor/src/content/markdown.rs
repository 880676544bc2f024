//! A message as HTML. Markup of the message's own is told as text; links lead to web pages and mail only; pictures become links;
//! and what came from values (a log line) makes no links at all.

use crate::template::Rendered;
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// Some mail programs cut a mail at 102 kB of HTML; what else is in it has less than the rest.
const MAIL_BYTES_MAX: usize = 48 << 10;

/// As much of the message as HTML as a mail program shows; the link leads to the whole.
pub(super) fn html_in_mail(message: &Rendered) -> String {
    let mut length = MAIL_BYTES_MAX;
    loop {
        if message.text.len() <= length {
            let whole = html(message);
            if whole.len() <= MAIL_BYTES_MAX {
                return whole;
            }
        } else {
            let end = message.text.floor_char_boundary(length);
            let values =
                message.values.iter().filter(|v| v.start < end).map(|v| v.start..v.end.min(end)).collect();
            let cut = Rendered { text: message.text[..end].to_owned(), values, ..Rendered::default() };
            let made = html(&cut);
            if made.len() <= MAIL_BYTES_MAX {
                return format!("{made}<p>… The message is longer than mails show.</p>\n");
            }
        }
        length = length.min(message.text.len()) * 3 / 4;
    }
}

/// The message's markdown as safe HTML.
pub(super) fn html(message: &Rendered) -> String {
    let parser = Parser::new_ext(&message.text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let is_value =
        |range: &Range<usize>| message.values.iter().any(|v| v.start < range.end && range.start < v.end);
    // Links that are told as text: their ends are left out too.
    let mut dropped = 0_usize;
    let events = parser.into_offset_iter().filter_map(|(event, range)| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        // One line of the message is one line of the mail, as in chat programs.
        Event::SoftBreak => Some(Event::HardBreak),
        Event::Start(Tag::Link { dest_url, title, link_type, id }) => {
            let is_whole = message.values.iter().any(|v| v.start <= range.start && range.start < v.end);
            if is_whole || !is_safe(&dest_url) {
                dropped += 1;
                return None;
            }
            Some(Event::Start(Tag::Link { link_type, dest_url, title, id }))
        }
        Event::Start(Tag::Image { dest_url, title, id, .. }) => {
            if is_value(&range) || !is_safe(&dest_url) {
                dropped += 1;
                return None;
            }
            Some(Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url, title, id }))
        }
        Event::End(TagEnd::Link | TagEnd::Image) if dropped > 0 => {
            dropped -= 1;
            None
        }
        Event::End(TagEnd::Image) => Some(Event::End(TagEnd::Link)),
        other => Some(other),
    });
    let mut out = String::with_capacity(message.text.len() * 2);
    pulldown_cmark::html::push_html(&mut out, linked(events).into_iter());
    out
}

/// Web pages and mail.
fn is_safe(url: &str) -> bool {
    let lower = url.trim().to_ascii_lowercase();
    ["https://", "http://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme))
}

/// Neighbouring texts as one, so that a mail has no needless seams.
fn linked<'a>(events: impl Iterator<Item = Event<'a>>) -> Vec<Event<'a>> {
    let mut out: Vec<Event<'a>> = Vec::new();
    for event in events {
        match (out.last_mut(), event) {
            (Some(Event::Text(last)), Event::Text(more)) => {
                *last = CowStr::from(format!("{last}{more}"));
            }
            (_, event) => out.push(event),
        }
    }
    out
}

/// A text inside HTML.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::html;
    use crate::template::Rendered;

    fn of(text: &str) -> String {
        html(&Rendered { text: text.to_owned(), ..Rendered::default() })
    }

    #[test]
    fn markup_is_text_and_links_lead_to_the_web() {
        assert_eq!(
            of("a **b** <script>x</script>"),
            "<p>a <strong>b</strong> &lt;script&gt;x&lt;/script&gt;</p>\n"
        );
        assert_eq!(of("[run](https://x.org/a)"), "<p><a href=\"https://x.org/a\">run</a></p>\n");
        assert_eq!(of("[run](javascript:alert(1))"), "<p>run</p>\n");
        assert_eq!(of("![pic](https://x.org/a.png)"), "<p><a href=\"https://x.org/a.png\">pic</a></p>\n");
        assert_eq!(of("a\nb"), "<p>a<br />\nb</p>\n");
    }

    #[test]
    fn a_mail_is_never_so_long_that_it_is_cut_by_the_program_that_shows_it() {
        for text in ["<>&\"".repeat(30_000), "* größer\n".repeat(10_000), "word ".repeat(20_000)] {
            let made = super::html_in_mail(&Rendered { text, ..Rendered::default() });
            assert!(made.len() < 50_000 && made.ends_with("longer than mails show.</p>\n"), "{}", made.len());
        }
        assert_eq!(
            super::html_in_mail(&Rendered { text: "a".to_owned(), ..Rendered::default() }),
            "<p>a</p>\n"
        );
    }

    #[test]
    fn a_value_makes_no_links() {
        let text = "said [click](https://evil.org) and [run](https://x.org)";
        let end = text.find(" and").unwrap();
        let values: Vec<_> = std::iter::once(5..end).collect();
        let rendered = Rendered { text: text.to_owned(), values, ..Rendered::default() };
        assert_eq!(html(&rendered), "<p>said click and <a href=\"https://x.org\">run</a></p>\n");
    }
}
