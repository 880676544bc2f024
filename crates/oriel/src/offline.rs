//! `oriel check`: what a data folder holds, and whether it is whole.

use crate::Outcome;
use std::path::Path;
use std::process::ExitCode;

pub(crate) async fn check(data: &Path) -> Outcome<ExitCode> {
    let report = oriel_server::check(data).await?;
    println!("{} files, {} bytes, {} samples", report.files, report.file_bytes, report.samples);
    println!(
        "{} log segments, {} records that the next start replays",
        report.log_segments, report.log_records
    );
    if report.log_is_torn {
        println!("the log ends in a commit that nobody was told of; the next start drops it");
    }
    if report.quarantined_records > 0 {
        println!(
            "{} records are in quarantine; see {}",
            report.quarantined_records,
            data.join("store/quarantine").display()
        );
    }
    for problem in &report.problems {
        println!("{problem}");
    }
    if report.problems.is_empty() {
        println!("all is well");
        Ok(ExitCode::SUCCESS)
    } else {
        println!("{} problems", report.problems.len());
        Ok(ExitCode::FAILURE)
    }
}
