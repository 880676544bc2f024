//! Logs: lines of text on stderr, where systemd and people look.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// What is logged when nothing is said: ours from info, others from warn.
const DEFAULT: &str = "warn,oriel=info,oriel_server=info,oriel_store=info,oriel_agent=info,oriel_intake=info,oriel_state=info,oriel_query=info";

pub(crate) fn start(level: Option<&str>) {
    let filter = match level {
        None => EnvFilter::new(DEFAULT),
        // One word means ours at that level; anything else is the filter's own language.
        Some(word) if word.bytes().all(|b| b.is_ascii_alphabetic()) => {
            EnvFilter::new(DEFAULT.replace("info", word))
        }
        Some(text) => EnvFilter::new(text),
    };
    // Fails only when a subscriber is there already, which is as good.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .try_init();
}
