//! Text in a drawing: escaped, and measured well enough to cut it to its place.

use std::fmt::Write as _;

/// Writes text as XML character data; what XML can't hold is left out.
pub(crate) fn escape(into: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\t' | '\n' | '\r' => into.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => into.push(c),
        }
    }
}

/// Width of a text in the drawing's font, by kinds of letters: never under what is drawn by more than a few percent.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size
}

fn advance(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.25,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '\\' | ' ' | '-' => 0.37,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.87,
        '0'..='9' => 0.565,
        'A'..='Z' => 0.67,
        c if (c as u32) < 0x2000 => 0.56,
        // Wide writing.
        _ => 1.0,
    }
}

/// The text, cut with an ellipsis when it is wider than its place.
pub(crate) fn fitted(text: &str, size: f64, place: f64) -> String {
    if width(text, size) <= place {
        return text.to_owned();
    }
    let mut left = place - size;
    let fits = |c: &char| {
        left -= advance(*c) * size;
        left >= 0.0
    };
    let cut: String = text.chars().take_while(fits).collect();
    format!("{}…", cut.trim_end())
}

/// A coordinate: two decimals, never anything but a number.
pub(crate) fn number(into: &mut String, value: f64) {
    let value = if value.is_finite() { value.clamp(-10_000.0, 10_000.0) } else { 0.0 };
    let rounded = (value * 100.0).round() / 100.0;
    // Minus zero is written as zero.
    let _ = write!(into, "{}", rounded + 0.0);
}

#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How one piece of text looks.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub(crate) size: f64,
    pub(crate) colour: &'static str,
    pub(crate) anchor: Anchor,
    /// Drawn around the letters: their own colour makes them bolder, the panel's sets them off from lines.
    pub(crate) outline: Option<(&'static str, f64)>,
}

pub(crate) fn put(into: &mut String, x: f64, y: f64, style: Style, text: &str) {
    into.push_str("<text x=\"");
    number(into, x);
    into.push_str("\" y=\"");
    number(into, y);
    let _ = write!(into, "\" font-size=\"{}\" fill=\"{}\"", style.size, style.colour);
    match style.anchor {
        Anchor::Start => {}
        Anchor::Middle => into.push_str(" text-anchor=\"middle\""),
        Anchor::End => into.push_str(" text-anchor=\"end\""),
    }
    if let Some((colour, width)) = style.outline {
        let _ = write!(
            into,
            " stroke=\"{colour}\" stroke-width=\"{width}\" stroke-linejoin=\"round\" paint-order=\"stroke\""
        );
    }
    into.push('>');
    escape(into, text);
    into.push_str("</text>");
}
