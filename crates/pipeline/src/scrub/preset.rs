//! Expressions for what should never be in a log.

/// A ready-made pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Preset {
    pub name: &'static str,
    pub title: &'static str,
    pub pattern: &'static str,
    /// Only numbers whose check digit is right.
    #[serde(skip)]
    pub luhn: bool,
}

/// All of them.
pub const PRESETS: [Preset; 6] = [
    Preset {
        name: "credit_card",
        title: "Credit card numbers (13 to 19 digits with a valid check digit)",
        pattern: r"\b[0-9](?:[ -]?[0-9]){12,18}\b",
        luhn: true,
    },
    Preset {
        name: "email",
        title: "E-mail addresses",
        pattern: r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b",
        luhn: false,
    },
    Preset {
        name: "bearer_token",
        title: "Bearer tokens",
        pattern: r"(?i)\bbearer\s+(?P<secret>[A-Za-z0-9._~+/\[\]-]{8,}=*)",
        luhn: false,
    },
    Preset {
        name: "aws_key",
        title: "AWS access key ids",
        pattern: r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b",
        luhn: false,
    },
    Preset {
        name: "password",
        title: "password=… and the like",
        pattern: r#"(?i)\b(?:password|passwd|pwd|secret|api_?key|access_?token)["']?\s*[=:]\s*["']?(?P<secret>[^\s"'&,;]+)"#,
        luhn: false,
    },
    Preset {
        name: "jwt",
        title: "JSON web tokens",
        pattern: r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*",
        luhn: false,
    },
];

pub(super) fn find(name: &str) -> Option<Preset> {
    PRESETS.into_iter().find(|p| p.name == name)
}

pub(super) fn unknown(of: &str, name: &str) -> String {
    format!("{of}: there is no preset {name:?}; the presets are {}", PRESETS.map(|p| p.name).join(", "))
}

/// Whether the digits of a text end in the right check digit.
pub(super) fn luhn(text: &str) -> bool {
    let digits = text.bytes().rev().filter(u8::is_ascii_digit).map(|b| u32::from(b - b'0'));
    let sum: u32 = digits
        .enumerate()
        .map(|(i, digit)| match (i % 2, digit * 2) {
            (0, _) => digit,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        })
        .sum();
    sum.is_multiple_of(10) && sum > 0
}
