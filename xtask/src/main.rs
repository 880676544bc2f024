//! Chores of the workspace. `cargo xtask tidy` checks what a machine can check of STYLE.md and ARCHITECTURE.md; the same
//! checks run as an ordinary test.

mod tidy;

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("tidy") => report(&tidy::run(&tidy::root())),
        _ => {
            eprintln!("usage: cargo xtask tidy");
            ExitCode::from(2)
        }
    }
}

fn report(findings: &[String]) -> ExitCode {
    for finding in findings {
        eprintln!("{finding}");
    }
    if findings.is_empty() {
        println!("tidy");
        ExitCode::SUCCESS
    } else {
        eprintln!("{} findings; STYLE.md says what is meant", findings.len());
        ExitCode::FAILURE
    }
}
