//! A notice as a mail: plain text, and beside it HTML with the chart as an inline image. The `Message-ID` is of the notice's key, so that
//! a repeat is known as one; the notices of one episode are a thread; and no mail program answers it by itself.

use super::{MailSettings, mailbox};
use crate::channel::Message;
use crate::content::Content;
use crate::status::Status;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, MultiPart, SinglePart};
use std::time::{Duration, UNIX_EPOCH};

/// Columns of plain text: what terminals show, and what replies leave room in.
const COLUMNS: usize = 78;

/// The mail of a notice to one address.
pub(in super::super) fn compose(
    settings: &MailSettings,
    to: &str,
    message: &Message<'_>,
) -> Result<lettre::Message, String> {
    let content = message.content;
    let domain = settings.domain();
    let thread = format!("<episode-{}@{domain}>", content.cycle);
    let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(content.at_ms).unwrap_or(0));
    let mut builder = lettre::Message::builder()
        .from(mailbox(&settings.from)?)
        .to(mailbox(to)?)
        .subject(printable(&content.subject))
        .date(at)
        .message_id(Some(format!("<{}@{domain}>", content.key)))
        .in_reply_to(thread.clone())
        .references(thread);
    if !settings.reply_to.is_empty() {
        builder = builder.reply_to(mailbox(&settings.reply_to)?);
    }
    for (name, value) in headers(content, &domain) {
        let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|e| e.to_string())?;
        builder = builder.raw_header(HeaderValue::new(name, value));
    }
    let plain = SinglePart::plain(wrapped(&content.text, COLUMNS));
    let html = SinglePart::html(content.html.clone());
    let both = MultiPart::alternative().singlepart(plain);
    let whole = match message.chart.filter(|_| content.has_chart) {
        Some(chart) => {
            both.multipart(MultiPart::related().singlepart(html).singlepart(image(content, chart)?))
        }
        None => both.singlepart(html),
    };
    builder.multipart(whole).map_err(|e| e.to_string())
}

/// Who is away need not tell us, in the words of the standard and in Exchange's; lists are filtered by their id.
fn headers(content: &Content, domain: &str) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("X-Auto-Response-Suppress", "All".to_owned()),
        ("List-Id", format!("Notices of monitors <monitors.{domain}>")),
        ("X-Oriel-Notice", content.key.clone()),
        ("X-Oriel-Monitor", content.monitor.to_string()),
    ];
    if content.to == Status::Alert {
        headers.push(("Importance", "high".to_owned()));
    }
    headers
}

fn image(content: &Content, chart: &[u8]) -> Result<SinglePart, String> {
    let kind = ContentType::parse("image/png").map_err(|e| e.to_string())?;
    Ok(Attachment::new_inline_with_name(content.chart_cid(), "chart.png".to_owned())
        .body(chart.to_vec(), kind))
}

/// One line without signs that steer: a tag's value has neither line ends nor turns of the direction of writing for a mail program.
fn printable(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}')
    };
    let text: String = text.chars().map(|c| if steers(c) { ' ' } else { c }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lines of at most so many columns, broken between words; what follows a break is set in like its line. A longer word (a link)
/// stays whole, beside what says where it leads.
fn wrapped(text: &str, columns: usize) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 40);
    for line in text.lines() {
        let indent: String = line.chars().take_while(|c| *c == ' ').take(columns / 2).collect();
        let mut width = 0;
        for (n, word) in line[indent.len()..].split(' ').enumerate() {
            let length = word.chars().count();
            if n > 0 && width + 1 + length > columns && length <= columns {
                out.truncate(out.trim_end_matches(' ').len());
                out.push('\n');
                out.push_str(&indent);
                width = indent.len();
            } else if n > 0 {
                out.push(' ');
                width += 1;
            } else {
                out.push_str(&indent);
                width = indent.len();
            }
            out.push_str(word);
            width += length;
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{printable, wrapped};

    #[test]
    fn plain_text_fits_a_terminal_and_links_stay_whole() {
        let link = format!("https://x.org/{}", "a".repeat(100));
        let text = format!(
            "{}\n\n  set in {}\nSee it: {link}\nend",
            "word ".repeat(40).trim_end(),
            "more ".repeat(20).trim_end()
        );
        let made = wrapped(&text, 78);
        assert!(made.lines().all(|l| l.chars().count() <= 78 || l.contains(&link)), "{made}");
        assert!(made.contains(&link) && made.contains("\n  more") && made.ends_with("end\n"));
        assert_eq!(made.split_whitespace().collect::<Vec<_>>(), text.split_whitespace().collect::<Vec<_>>());
        assert_eq!(wrapped("a  b\n\n", 78), "a  b\n\n");
    }

    #[test]
    fn a_subject_is_one_line_that_steers_nothing() {
        assert_eq!(
            printable("up\r\nBcc: evil@x.org\u{0}\u{202e}gnp.exe 🔥 ü"),
            "up Bcc: evil@x.org gnp.exe 🔥 ü"
        );
    }
}
